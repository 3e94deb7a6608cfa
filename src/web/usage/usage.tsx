import type { UsageView } from "#core/web/views.ts";
import { useLoaded } from "../api/use-loaded.ts";
import { FaultNote } from "../parts/fault-note.tsx";
import { Empty } from "../parts/empty.tsx";
import { Heading } from "../parts/heading.tsx";
import { Share } from "../parts/share.tsx";
import { Cell, Row, RowHead, Table } from "../parts/table.tsx";
import { Link } from "../route/link.tsx";
import { repositoryPath } from "../route/place.ts";
import { bytes } from "../words/bytes.ts";
import { number } from "../words/count.ts";
import { Quotas } from "./quotas.tsx";
import { tone } from "./tone.ts";

/** What lies here, who takes how much of it, and how much more there is room for. */
export function Usage() {
  const { data, fault, reload } = useLoaded<UsageView>("/usage");
  return (
    <>
      <Heading title="Usage" />
      {fault && <FaultNote fault={fault} retry={reload} />}
      {!data && !fault && <p class="muted">Loading…</p>}
      {data && (
        <>
          <Totals usage={data} />
          {data.disk && <Disk {...data.disk} />}
          {data.quotas.length > 0 && <Quotas quotas={data.quotas} />}
          <Largest usage={data} />
        </>
      )}
    </>
  );
}

function Totals({ usage: { total } }: { usage: UsageView }) {
  const facts: [string, string][] = [
    ["Stored", bytes(total.bytes)],
    ["Repositories", number(total.repositories)],
    ["Tags", number(total.tags)],
    ["Manifests", number(total.manifests)],
    ["Blobs", number(total.blobs)],
  ];
  return (
    <dl class="tiles">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Disk({ free, total }: { free: number; total: number }) {
  return (
    <section>
      <h2>Disk</h2>
      <p>
        {bytes(free)} of {bytes(total)} are free.
      </p>
      <Share of={total - free} whole={total} tone={tone(total - free, total)} />
    </section>
  );
}

function Largest({ usage: { repositories } }: { usage: UsageView }) {
  const most = repositories[0]?.bytes ?? 0;
  return (
    <section>
      <h2>Largest repositories</h2>
      {repositories.length === 0 ? (
        <Empty title="There is no repository yet." />
      ) : (
        <Table
          caption="Largest repositories"
          columns={[
            { title: "Name" },
            { title: "Tags", numeric: true },
            { title: "Size", numeric: true },
            { title: "Beside the largest" },
          ]}
        >
          {repositories.map(({ name, bytes: size, tags }) => (
            <Row key={name}>
              <RowHead>
                <Link to={repositoryPath(name)}>{name}</Link>
              </RowHead>
              <Cell of="Tags" numeric>
                {number(tags)}
              </Cell>
              <Cell of="Size" numeric>
                {bytes(size)}
              </Cell>
              <Cell of="">
                <Share of={size} whole={most} />
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      <p class="muted small">
        Layers that repositories share are stored once and counted in each, so the sizes add up to more than
        what is stored.
      </p>
    </section>
  );
}
