import { eventOf, type EventRow } from "#core/metadata/event-row.ts";
import type { Outbox } from "#core/metadata/outbox.ts";
import { settledId } from "./audit-order.ts";
import type { Database } from "./database.ts";
import { addEventRows } from "./event-rows.ts";

const columns =
  'SELECT id, at, action, repository, tag, digest, media_type AS "mediaType", size, subject, actor, count FROM events';

/** The outbox of the seam. Lists end before events that are still being written elsewhere, see audit-order. */
export function postgresOutbox(db: Database): Outbox {
  return {
    append: async (events) => {
      if (events.length > 0) await db.transaction((tx) => addEventRows(tx, events));
    },
    async list(after, limit) {
      const settled = await settledId(db, "events");
      // Most looks are in vain.
      if (settled <= after) return [];
      const rows = await db.rows<EventRow>(`${columns} WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3`, [
        after,
        settled,
        limit,
      ]);
      return rows.map(eventOf);
    },
    async latest(limit) {
      const rows = await db.rows<EventRow>(`${columns} WHERE id <= $1 ORDER BY id DESC LIMIT $2`, [
        await settledId(db, "events"),
        limit,
      ]);
      return rows.map(eventOf);
    },
    newest: () => settledId(db, "events"),
    drop: (before, upTo, limit) =>
      db.change(
        "DELETE FROM events WHERE id IN " +
          "(SELECT id FROM events WHERE at < $1 AND id <= $2 ORDER BY at LIMIT $3 FOR UPDATE SKIP LOCKED)",
        [before, upTo, limit],
      ),
  };
}
