import type { AuditActor } from "#core/audit.ts";
import { changeEvent, type ContentChange } from "#core/change-event.ts";
import type { NewEvent } from "#core/event.ts";
import { eventValues, type EventRow } from "#core/metadata/event-row.ts";
import type { Connection } from "./connection.ts";

/** Adds events to the outbox, inside the transaction that is open: an event stands or falls with its change. */
export function eventRows(db: Connection) {
  const add = db.prepare<[Omit<EventRow, "id">]>(
    "INSERT INTO events (at, action, repository, tag, digest, media_type, size, subject, actor, count) VALUES " +
      "(:at, :action, :repository, :tag, :digest, :mediaType, :size, :subject, :actor, :count)",
  );

  function insert(event: NewEvent): void {
    add.run(eventValues(event));
  }

  return {
    insert,
    /** The event of one change of content, where it has one. @param at ms since the epoch */
    change(by: AuditActor | undefined, at: number, what: ContentChange): void {
      const event = changeEvent(by, at, what);
      if (event) insert(event);
    },
  };
}
