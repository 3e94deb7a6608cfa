import type { Listed, UpstreamView } from "#core/web/views.ts";
import { useLoaded } from "../api/use-loaded.ts";
import { Empty } from "../parts/empty.tsx";
import { FaultNote } from "../parts/fault-note.tsx";
import { Heading } from "../parts/heading.tsx";
import { Share } from "../parts/share.tsx";
import { Cell, Row, RowHead, Table } from "../parts/table.tsx";
import { bytes } from "../words/bytes.ts";
import { number } from "../words/count.ts";

/** Registries that Berth fetches from, and how often it didn't have to. */
export function Upstreams() {
  const { data, fault, reload } = useLoaded<Listed<UpstreamView>>("/upstreams");
  const upstreams = data?.items ?? [];
  return (
    <>
      <Heading title="Upstreams" />
      {fault && <FaultNote fault={fault} retry={reload} />}
      {!data && !fault && <p class="muted">Loading…</p>}
      {data && upstreams.length === 0 && (
        <Empty title="No upstream is configured.">
          <p>
            With <code>upstreams</code> in the configuration, Berth fetches images of other registries once
            and keeps them for everybody.
          </p>
        </Empty>
      )}
      {upstreams.length > 0 && (
        <Table
          caption="Upstreams"
          columns={[
            { title: "Name" },
            { title: "Address" },
            { title: "Cached", numeric: true },
            { title: "Answered from the cache" },
            { title: "State" },
          ]}
        >
          {upstreams.map((upstream) => (
            <Row key={upstream.name}>
              <RowHead>{upstream.name}</RowHead>
              <Cell of="Address">{upstream.url}</Cell>
              <Cell of="Cached" numeric>
                {bytes(upstream.bytes)}
              </Cell>
              <Cell of="Answered from the cache">
                <HitRate {...upstream} />
              </Cell>
              <Cell of="State">
                {upstream.fault === undefined ? (
                  <span class="mark good">no fault</span>
                ) : (
                  <>
                    <span class="mark bad">fault</span> {upstream.fault}
                  </>
                )}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </>
  );
}

function HitRate({ hits, misses }: UpstreamView) {
  const asked = hits + misses;
  if (asked === 0) return <span class="muted">nothing was asked for yet</span>;
  return (
    <span class="stacked">
      <span>
        {Math.round((hits / asked) * 100)} % <span class="muted">of {number(asked)}</span>
      </span>
      <Share of={hits} whole={asked} />
    </span>
  );
}
