import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { BerthEvent, EventAction, EventActor, NewEvent } from "../event.ts";

/** An event as a table has it: null for what it doesn't have. */
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

/** The row of an event that has no id yet. */
export function eventValues(event: NewEvent): Omit<EventRow, "id"> {
  return {
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
