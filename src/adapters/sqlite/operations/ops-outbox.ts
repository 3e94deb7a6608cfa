import type { NewEvent } from "#core/event.ts";
import type { Connection } from "../connection.ts";
import { eventRows } from "../event-rows.ts";

/** Changes of the outbox itself; changes of content write their events with themselves. */
export function outboxOperations(db: Connection) {
  const rows = eventRows(db);
  const drop = db.prepare<[number, number, number]>(
    "DELETE FROM events WHERE id IN " +
      "(SELECT id FROM events INDEXED BY events_at WHERE at < ? AND id <= ? ORDER BY at LIMIT ?)",
  );
  return {
    appendEvents({ events }: { events: readonly NewEvent[] }): void {
      for (const event of events) rows.insert(event);
    },
    dropEvents: ({ before, upTo, limit }: { before: number; upTo: number; limit: number }): number =>
      drop.run(before, upTo, limit).changes,
  };
}

export type OutboxOperations = ReturnType<typeof outboxOperations>;
