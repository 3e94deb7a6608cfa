import { AppError } from "#core/errors.ts";
import type { Connection } from "../connection.ts";

/**
 * Takes out of a snapshot what is only true while servers run: unfinished uploads, whose bytes it doesn't
 * have, leases (their fences stay and go on growing), and what servers told of themselves. And signing keys:
 * one that was removed because somebody knew it must not come back, and the next start makes a new one. And which
 * folder its blobs lay in: it may be restored to another. And where evicted bytes lay, which is no business of the
 * registry that the snapshot becomes.
 */
export function dropWhatPasses(db: Connection): void {
  const tables = new Set(
    db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all(),
  );
  // A table may be missing: a database that an older Berth wrote is backed up as it is.
  if (tables.has("uploads")) db.exec("DELETE FROM uploads");
  if (tables.has("servers")) db.exec("DELETE FROM servers");
  if (tables.has("signing_keys")) db.exec("DELETE FROM signing_keys");
  if (tables.has("blob_folder")) db.exec("DELETE FROM blob_folder");
  for (const passing of ["evicted_locations", "tombstones", "strays", "housekeeping_runs", "web_sessions"])
    if (tables.has(passing)) db.exec(`DELETE FROM ${passing}`);
  if (tables.has("leases")) db.exec("UPDATE leases SET until = 0");
}

/** Throws storage-failed when pages or rows of the database are damaged. @param what the sentence's beginning */
export function quickCheck(db: Connection, what: string): void {
  const found = db.prepare<[], string>("PRAGMA quick_check(3)").pluck().all();
  if (found.length === 1 && found[0] === "ok") return;
  throw new AppError("storage-failed", `${what} is damaged: ${found.join("; ")}.`);
}

/**
 * Access tokens that were issued so far are refused from now on: some may be of accounts, secrets or passwords
 * that were changed after the snapshot, of which it knows nothing. @param now ms since the epoch
 */
export function endAccessTokens(db: Connection, now: number): void {
  const accounts = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'accounts'").get();
  if (accounts === undefined) return;
  db.prepare("UPDATE accounts SET tokens_from = max(tokens_from, ?)").run(now);
  db.exec("UPDATE account_version SET version = version + 1");
}
