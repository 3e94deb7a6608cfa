import type { RepositoryView } from "#core/web/views.ts";
import { usePages } from "../api/use-pages.ts";
import { useBerth } from "../frame/berth-context.ts";
import { Empty } from "../parts/empty.tsx";
import { FaultNote } from "../parts/fault-note.tsx";
import { Heading } from "../parts/heading.tsx";
import { More } from "../parts/more.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { SearchField } from "../parts/search-field.tsx";
import { Cell, Row, RowHead, Table } from "../parts/table.tsx";
import { Link } from "../route/link.tsx";
import { repositoryPath } from "../route/place.ts";
import { bytes } from "../words/bytes.ts";
import { number } from "../words/count.ts";
import { HowToPush } from "./how-to-push.tsx";

/** All repositories that the person may read. */
export function Repositories() {
  const { place } = useBerth();
  const contains = place.search.get("contains") ?? "";
  const { items, fault, loading, more, reload } = usePages<RepositoryView>("/repositories", { contains });
  return (
    <>
      <Heading title="Repositories" aside={<SearchField label="Search repositories" />} />
      {fault && <FaultNote fault={fault} retry={reload} />}
      {items.length > 0 && (
        <Table
          caption="Repositories"
          columns={[
            { title: "Name" },
            { title: "Tags", numeric: true },
            { title: "Size", numeric: true },
            { title: "Updated" },
          ]}
        >
          {items.map(({ name, upstream, tags, bytes: size, updatedAt }) => (
            <Row key={name}>
              <RowHead>
                <Link to={repositoryPath(name)}>{name}</Link>
                {upstream !== undefined && <span class="mark">from {upstream}</span>}
              </RowHead>
              <Cell of="Tags" numeric>
                {number(tags)}
              </Cell>
              <Cell of="Size" numeric>
                {bytes(size)}
              </Cell>
              <Cell of="Updated">
                <RelativeTime at={updatedAt} />
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {items.length === 0 && !loading && !fault && <NoRepository contains={contains} />}
      <More more={more} loading={loading} />
    </>
  );
}

function NoRepository({ contains }: { contains: string }) {
  if (contains === "") return <HowToPush />;
  return (
    <Empty title={`No repository's name contains “${contains}”.`}>
      <Link to="/">All repositories</Link>
    </Empty>
  );
}
