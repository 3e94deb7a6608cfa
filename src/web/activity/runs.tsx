import type { RunView } from "#core/web/views.ts";
import { Empty } from "../parts/empty.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { Cell, Row, RowHead, Table } from "../parts/table.tsx";
import { bytes } from "../words/bytes.ts";
import { number } from "../words/count.ts";

const names: Record<RunView["kind"], string> = {
  gc: "Garbage collection",
  scrub: "Scrub",
  retention: "Retention",
  snapshot: "Snapshot of the metadata",
};

/** What the house does for itself. */
export function Runs({ runs }: { runs: RunView[] }) {
  return (
    <section>
      <h2>Housekeeping</h2>
      {runs.length === 0 ? (
        <Empty title="Nothing has run yet." />
      ) : (
        <Table
          caption="Housekeeping"
          columns={[{ title: "What" }, { title: "State" }, { title: "Begun" }, { title: "Progress" }]}
        >
          {runs.map((run) => (
            <Row key={`${run.kind} ${run.startedAt}`}>
              <RowHead>{names[run.kind]}</RowHead>
              <Cell of="State">
                <State run={run} />
              </Cell>
              <Cell of="Begun">
                <RelativeTime at={run.startedAt} />
              </Cell>
              <Cell of="Progress">
                <span class="inline-list">
                  {Object.entries(run.progress).map(([name, value]) => (
                    <span key={name}>
                      <span class="muted">{spaced(name)}</span> {amount(name, value)}
                    </span>
                  ))}
                </span>
                {run.fault !== undefined && <p class="fault-line">{run.fault}</p>}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </section>
  );
}

function State({ run }: { run: RunView }) {
  if (run.running) return <span class="mark">running</span>;
  if (run.fault !== undefined) return <span class="mark bad">failed</span>;
  return <span class="mark good">done</span>;
}

/** `freedBytes` → `freed bytes`, as whoever counts names it. */
function spaced(name: string): string {
  return name
    .replaceAll(/[_-]/g, " ")
    .replaceAll(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
}

function amount(name: string, value: string | number): string {
  if (typeof value === "string") return value;
  return /bytes$/i.test(name) ? bytes(value) : number(value);
}
