import type { HealthView } from "#core/web/views.ts";
import { DigestText } from "../parts/digest-text.tsx";
import { Empty } from "../parts/empty.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { Cell, Row, RowHead, Table } from "../parts/table.tsx";

/** What the scrub found and could not repair. */
export function Damage({ damage }: Pick<HealthView, "damage">) {
  return (
    <section>
      <h2>Damage</h2>
      {damage.length === 0 ? (
        <Empty title="The scrub knows of no damage." />
      ) : (
        <>
          <Table
            caption="Damage"
            columns={[
              { title: "What" },
              { title: "Where" },
              { title: "Why" },
              { title: "Found" },
              { title: "Digest" },
            ]}
          >
            {damage.map(({ digest, kind, repository, why, foundAt }) => (
              <Row key={`${digest} ${kind} ${repository ?? ""}`}>
                <RowHead>{kind}</RowHead>
                <Cell of="Where">{repository ?? <span class="muted">–</span>}</Cell>
                <Cell of="Why">{why}</Cell>
                <Cell of="Found">
                  <RelativeTime at={foundAt} />
                </Cell>
                <Cell of="Digest">
                  <DigestText digest={digest} />
                </Cell>
              </Row>
            ))}
          </Table>
          <p class="muted small">
            Pushing the same image again brings back what is missing; <code>berth scrub</code> then clears the
            entry.
          </p>
        </>
      )}
    </section>
  );
}
