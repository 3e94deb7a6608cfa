/**
 * Ids of rows of the audit log and of the outbox are given before their transactions commit, so that a row may appear
 * behind readers that have seen a higher id already. Who reads by ids therefore stops before those that are still on
 * their way: a writer holds, while it is under way, a shared advisory lock whose key says from which id on its rows
 * come, and a reader looks which of these locks there are. Nobody waits for anybody.
 */
import type { Queries } from "./database.ts";

type OrderedTable = "audit" | "events";

const sequences = { audit: "audit_ids", events: "event_ids" } as const satisfies Record<OrderedTable, string>;
/** The last id given; the sequence begins before 1. */
const lastId = "(last_value - CASE WHEN is_called THEN 0 ELSE 1 END)";
/** Keys: 16 bits that tell a table's from other locks, then 48 bits for the id. */
const tagOf = (table: OrderedTable) => `('${table}'::regclass::oid::bigint % 32768)`;

/** The query that takes the lock: before ids are given. */
export function lockingNextIds(table: OrderedTable): string {
  return `SELECT pg_advisory_xact_lock_shared((${tagOf(table)} << 48) | ${lastId}) FROM ${sequences[table]}`;
}

/** Before a transaction adds rows. */
export async function lockNextIds(tx: Queries, table: OrderedTable = "audit"): Promise<void> {
  await tx.rows(lockingNextIds(table));
}

/** The highest id up to which every row is there that ever will be. */
export async function settledId(db: Queries, table: OrderedTable = "audit"): Promise<number> {
  // In this order: an id that was given before its row's lock is looked for has its lock, or is committed.
  const given = await db.row<{ id: number }>(`SELECT ${lastId} AS id FROM ${sequences[table]}`);
  const pending = await db.row<{ id: number | null }>(
    "SELECT min(((classid::bigint & 65535) << 32) | objid::bigint) AS id FROM pg_locks " +
      "WHERE locktype = 'advisory' AND objsubid = 1 AND mode = 'ShareLock' " +
      "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) " +
      `AND (classid::bigint >> 16) = ${tagOf(table)}`,
  );
  return Math.min(given?.id ?? 0, pending?.id ?? Infinity);
}
