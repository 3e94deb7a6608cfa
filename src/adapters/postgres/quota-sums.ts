import { namesOf, overQuota, touchedBy, type Adding } from "#core/metadata/over-quota.ts";
import type { OverQuota, QuotaFact, QuotaScope, Used } from "#core/metadata/usage.ts";
import type { Queries } from "./database.ts";

const nothing: Used = { bytes: 0, tags: 0 };
const counters =
  "FROM repositories r JOIN repository_usage u ON u.repository_id = r.id WHERE r.upstream IS NULL AND ";
const ofOne = `SELECT u.bytes, u.tags ${counters} r.name = $1`;
// A pattern means here what it means in ECMAScript: kit/glob makes it so.
const ofSome =
  "SELECT coalesce(sum(u.bytes), 0)::bigint AS bytes, coalesce(sum(u.tags), 0)::bigint AS tags " +
  `${counters} r.name >= $1 AND r.name < $2 AND r.name ~ $3`;
const ofOwner = "SELECT bytes, tags FROM owner_usage WHERE owner = $1";

/** What a scope uses, from the counters that triggers keep. */
export async function usedBy(db: Queries, scope: QuotaScope): Promise<Used> {
  if (scope.kind === "owner") return (await db.row<Used>(ofOwner, [scope.owner])) ?? nothing;
  const { from, until, one } = namesOf(scope);
  if (one) return (await db.row<Used>(ofOne, [from])) ?? nothing;
  return (await db.row<Used>(ofSome, [from, until, scope.pattern])) ?? nothing;
}

/**
 * The first quota that a change would go over, inside its transaction, which then holds these quotas' locks: so of two
 * pushes at once the second counts the first. Comes after the locks of blobs and of the repository, and before the
 * rows that usage is counted in are written. Reads nothing for a change that adds nothing.
 */
export async function overQuotaIn(
  tx: Queries,
  quotas: readonly QuotaFact[] | undefined,
  adding: Adding,
): Promise<OverQuota | undefined> {
  const touched = touchedBy(quotas, adding);
  // All transactions in one order.
  for (const key of [...new Set(touched.map(({ scope }) => keyOf(scope)))].sort())
    await tx.rows("SELECT pg_advisory_xact_lock(3, hashtext($1))", [key]);
  for (const quota of touched) {
    const over = overQuota(quota, await usedBy(tx, quota.scope), adding);
    if (over) return over;
  }
  return undefined;
}

function keyOf(scope: QuotaScope): string {
  return scope.kind === "owner" ? `owner ${scope.owner}` : `names ${scope.pattern}`;
}
