import type { AuditActor, AuditEntry } from "#core/audit.ts";
import { publicName } from "#core/cached-name.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { lockNextIds } from "./audit-order.ts";
import type { Queries } from "./database.ts";

/** What a change did; who did it comes as its actor, and the rule too where it has none of its own. */
export type AuditedChange = Pick<AuditEntry, "action" | "repository" | "tag" | "digest" | "subject"> &
  Partial<Pick<AuditEntry, "rule">>;

/** People know what is cached by its public name. */
const named = (name: string | undefined) => (name === undefined ? null : publicName(name as RepositoryName));

/** Name, type and value of each column. */
const columns: readonly (readonly [string, string, (entry: AuditEntry) => string | number | null])[] = [
  ["at", "bigint", (entry) => entry.at],
  ["action", "text", (entry) => entry.action],
  ["actor_id", "text", (entry) => entry.actorId ?? null],
  ["actor", "text", (entry) => entry.actor],
  ["kind", "text", (entry) => entry.kind],
  ["address", "text", (entry) => entry.address],
  ["request", "text", (entry) => entry.request],
  ["rule", "text", (entry) => entry.rule],
  ["repository", "text", (entry) => named(entry.repository)],
  ["tag", "text", (entry) => entry.tag ?? null],
  ["digest", "text", (entry) => entry.digest ?? null],
  ["subject", "text", (entry) => named(entry.subject)],
  ["count", "bigint", (entry) => entry.count],
];

const names = columns.map(([name]) => name).join(", ");
const arrays = columns.map(([, type], i) => `$${i + 1}::${type}[]`).join(", ");
const insert =
  `INSERT INTO audit (${names}) SELECT ${names} FROM unnest(${arrays}) WITH ORDINALITY ` +
  `AS entry (${names}, place) ORDER BY place`;

/** Adds rows in the order given, inside the transaction that is open: a row stands or falls with its change. */
export async function addAuditRows(tx: Queries, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await lockNextIds(tx);
  await tx.change(
    insert,
    columns.map(([, , value]) => entries.map(value)),
  );
}

/** The rows of one change. @param by undefined, or unrecorded: nothing is written. @param at ms since the epoch. */
export async function auditChange(
  tx: Queries,
  by: AuditActor | undefined,
  at: number,
  ...changes: readonly AuditedChange[]
): Promise<void> {
  if (by === undefined || by.unrecorded) return;
  await addAuditRows(
    tx,
    changes.map((what) => ({ ...by, ...what, at, count: 1 })),
  );
}
