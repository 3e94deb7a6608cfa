import type { AuditActor } from "#core/audit.ts";
import { changeEvent, type ContentChange } from "#core/change-event.ts";
import type { NewEvent } from "#core/event.ts";
import { eventValues } from "#core/metadata/event-row.ts";
import { lockingNextIds } from "./audit-order.ts";
import type { Queries } from "./database.ts";

/** Name and type of each column, and what the row calls it. */
const columns: readonly (readonly [string, string, keyof ReturnType<typeof eventValues>])[] = [
  ["at", "bigint", "at"],
  ["action", "text", "action"],
  ["repository", "text", "repository"],
  ["tag", "text", "tag"],
  ["digest", "text", "digest"],
  ["media_type", "text", "mediaType"],
  ["size", "bigint", "size"],
  ["subject", "text", "subject"],
  ["actor", "text", "actor"],
  ["count", "bigint", "count"],
];

const names = columns.map(([name]) => name).join(", ");
const arrays = columns.map(([, type], i) => `$${i + 1}::${type}[]`).join(", ");
// Ids are given after the sorting, so after the lock. One statement: every push waits for it.
const insert =
  `WITH locked AS MATERIALIZED (${lockingNextIds("events")}) ` +
  `INSERT INTO events (${names}) SELECT ${names} FROM locked CROSS JOIN unnest(${arrays}) WITH ORDINALITY ` +
  `AS event (${names}, place) ORDER BY place`;

/** Adds events in the order given, inside the transaction that is open: an event stands or falls with its change. */
export async function addEventRows(tx: Queries, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(eventValues);
  await tx.change(
    insert,
    columns.map(([, , key]) => rows.map((row) => row[key])),
  );
}

/** The events of changes of content, of those that have one. @param at ms since the epoch */
export async function addChangeEvents(
  tx: Queries,
  by: AuditActor | undefined,
  at: number,
  ...changes: readonly ContentChange[]
): Promise<void> {
  await addEventRows(
    tx,
    changes.flatMap((what) => changeEvent(by, at, what) ?? []),
  );
}
