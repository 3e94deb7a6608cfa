import type { EventView } from "#core/web/views.ts";
import { Empty } from "../parts/empty.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { Cell, Row, RowHead, Table } from "../parts/table.tsx";
import { Link } from "../route/link.tsx";
import { repositoryPath } from "../route/place.ts";
import { shortDigest } from "../words/short-digest.ts";

const words: Record<string, string> = {
  push: "pushed",
  mount: "mounted",
  delete: "removed",
  restore: "restored",
  pull: "pulled",
  fill: "cached",
  start: "started",
  exit: "ended",
};

/** The newest events, those of content and of containers. */
export function Events({ events }: { events: EventView[] }) {
  return (
    <section>
      <h2>Newest events</h2>
      {events.length === 0 ? (
        <Empty title="Nothing has happened yet." />
      ) : (
        <Table
          caption="Newest events"
          columns={[{ title: "What" }, { title: "Done" }, { title: "By" }, { title: "When" }]}
        >
          {events.map((event) => (
            <Row key={event.id}>
              <RowHead>
                <What event={event} />
              </RowHead>
              <Cell of="Done">
                {words[event.action] ?? event.action}
                {event.action === "exit" && ` with ${exitCode(event)}`}
                {event.count > 1 && <span class="muted"> {event.count} times</span>}
              </Cell>
              <Cell of="By">{event.actor ?? <span class="muted">–</span>}</Cell>
              <Cell of="When">
                <RelativeTime at={event.at} />
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </section>
  );
}

function exitCode({ subject = "" }: EventView): string {
  return subject.slice(subject.lastIndexOf(" ") + 1);
}

function What({ event: { repository, tag, digest, subject } }: { event: EventView }) {
  // A container's: its name, and when it ended its exit code.
  if (repository === undefined) return <>{subject?.split(" ")[0] ?? "–"}</>;
  const to = tag !== undefined ? repositoryPath(repository, { tag }) : repositoryPath(repository);
  const rest = tag !== undefined ? `:${tag}` : digest !== undefined ? `@${shortDigest(digest)}` : "";
  return (
    <Link to={to}>
      {repository}
      {rest}
    </Link>
  );
}
