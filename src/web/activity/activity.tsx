import type { ActivityView } from "#core/web/views.ts";
import { useLive } from "../api/use-live.ts";
import { useLoaded } from "../api/use-loaded.ts";
import { Empty } from "../parts/empty.tsx";
import { FaultNote } from "../parts/fault-note.tsx";
import { Heading } from "../parts/heading.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { Cell, Row, RowHead, Table } from "../parts/table.tsx";
import { Link } from "../route/link.tsx";
import { repositoryPath } from "../route/place.ts";
import { bytes } from "../words/bytes.ts";
import { Events } from "./events.tsx";
import { Runs } from "./runs.tsx";

/** What goes on right now, and what happened last. */
export function Activity() {
  // Asked for once beside the stream, which says no reason when it is refused.
  const { data, fault, reload } = useLoaded<ActivityView>("/activity");
  const { activity = data, connected } = useLive();
  return (
    <>
      <Heading
        title="Activity"
        aside={
          <p class="live" data-on={connected ? "" : undefined}>
            {connected ? "Live" : "Not connected"}
          </p>
        }
      />
      {fault && !activity && <FaultNote fault={fault} retry={reload} />}
      {!fault && !activity && <p class="muted">Loading…</p>}
      {activity && (
        <>
          <Uploads uploads={activity.uploads} />
          <Runs runs={activity.runs} />
          <Events events={activity.events} />
        </>
      )}
    </>
  );
}

function Uploads({ uploads }: Pick<ActivityView, "uploads">) {
  return (
    <section>
      <h2>Uploads</h2>
      {uploads.length === 0 ? (
        <Empty title="Nothing is being uploaded." />
      ) : (
        <Table
          caption="Uploads"
          columns={[
            { title: "Repository" },
            { title: "Received", numeric: true },
            { title: "Begun" },
            { title: "By" },
          ]}
        >
          {uploads.map(({ id, repository, received, startedAt, by }) => (
            <Row key={id}>
              <RowHead>
                <Link to={repositoryPath(repository)}>{repository}</Link>
              </RowHead>
              <Cell of="Received" numeric>
                {bytes(received)}
              </Cell>
              <Cell of="Begun">
                <RelativeTime at={startedAt} />
              </Cell>
              <Cell of="By">{by ?? <span class="muted">anonymous</span>}</Cell>
            </Row>
          ))}
        </Table>
      )}
    </section>
  );
}
