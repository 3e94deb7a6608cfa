import type { AuditActor } from "#core/audit.ts";
import { changeEvent, type ContentChange } from "#core/change-event.ts";
import type { NewEvent } from "#core/event.ts";
import { lockingNextIds } from "./audit-order.ts";
import type { Queries } from "./database.ts";

/** Name, type and value of each column. */
const columns: readonly (readonly [string, string, (event: NewEvent) => string | number | null])[] = [
  ["at", "bigint", (event) => event.at],
  ["action", "text", (event) => event.action],
  ["repository", "text", (event) => event.repository ?? null],
  ["tag", "text", (event) => event.tag ?? null],
  ["digest", "text", (event) => event.digest ?? null],
  ["media_type", "text", (event) => event.mediaType ?? null],
  ["size", "bigint", (event) => event.size ?? null],
  ["subject", "text", (event) => event.subject ?? null],
  ["actor", "text", (event) => (event.actor === undefined ? null : JSON.stringify(event.actor))],
  ["count", "bigint", (event) => event.count],
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
  await tx.change(
    insert,
    columns.map(([, , value]) => events.map(value)),
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
