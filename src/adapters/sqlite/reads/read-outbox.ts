import { eventOf, type EventRow } from "#core/metadata/event-row.ts";
import type { BerthEvent } from "#core/event.ts";
import type { Connection } from "../connection.ts";

const columns =
  "SELECT id, at, action, repository, tag, digest, media_type AS mediaType, size, subject, actor, count FROM events";

/** Reads of the outbox. The one writer gives ids in the order in which events appear. */
export function outboxReads(db: Connection) {
  const list = db.prepare<[number, number], EventRow>(`${columns} WHERE id > ? ORDER BY id LIMIT ?`);
  const latest = db.prepare<[number], EventRow>(`${columns} ORDER BY id DESC LIMIT ?`);
  // Also where the last one was dropped by now.
  const newest = db.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'events'").pluck();
  return {
    list: (after: number, limit: number): BerthEvent[] => list.all(after, limit).map(eventOf),
    latest: (limit: number): BerthEvent[] => latest.all(limit).map(eventOf),
    newest: () => newest.get() ?? 0,
  };
}
