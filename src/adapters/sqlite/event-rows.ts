import type { AuditActor } from "#core/audit.ts";
import { changeEvent, type ContentChange } from "#core/change-event.ts";
import type { BerthEvent, EventActor, EventAction, NewEvent } from "#core/event.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { Connection } from "./connection.ts";

export interface EventRow {
  id: number;
  at: number;
  action: EventAction;
  repository: RepositoryName | null;
  tag: Tag | null;
  digest: Digest | null;
  mediaType: string | null;
  size: number | null;
  subject: string | null;
  /** JSON of an EventActor. */
  actor: string | null;
  count: number;
}

/** Adds events to the outbox, inside the transaction that is open: an event stands or falls with its change. */
export function eventRows(db: Connection) {
  const add = db.prepare<[Omit<EventRow, "id">]>(
    "INSERT INTO events (at, action, repository, tag, digest, media_type, size, subject, actor, count) VALUES " +
      "(:at, :action, :repository, :tag, :digest, :mediaType, :size, :subject, :actor, :count)",
  );

  function insert(event: NewEvent): void {
    add.run({
      at: event.at,
      action: event.action,
      repository: event.repository ?? null,
      tag: event.tag ?? null,
      digest: event.digest ?? null,
      mediaType: event.mediaType ?? null,
      size: event.size ?? null,
      subject: event.subject ?? null,
      actor: event.actor === undefined ? null : JSON.stringify(event.actor),
      count: event.count,
    });
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

export function eventOf(row: EventRow): BerthEvent {
  return {
    id: row.id,
    at: row.at,
    action: row.action,
    repository: row.repository ?? undefined,
    tag: row.tag ?? undefined,
    digest: row.digest ?? undefined,
    mediaType: row.mediaType ?? undefined,
    size: row.size ?? undefined,
    subject: row.subject ?? undefined,
    actor: row.actor === null ? undefined : (JSON.parse(row.actor) as EventActor),
    count: row.count,
  };
}
