import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import Database from "better-sqlite3";
import { AppError } from "#core/errors.ts";
import type { BlobFacts, Page } from "#core/metadata/repositories.ts";
import type { Connection } from "../connection.ts";
import { storageError } from "../errors.ts";
import { readMigrations } from "../migrate.ts";
import { type Outcome, valueOf } from "../outcome.ts";
import { dropWhatPasses, endAccessTokens, quickCheck } from "./snapshot-content.ts";
import type { SnapshotTask } from "./snapshot-messages.ts";
import { hasSchemaOf } from "./snapshot-schema.ts";

/**
 * Writes the database as it is now into `draft`, an empty file: compact, checked, without what passes; in a
 * thread, next to a running server or without one. Not durable yet. Errors: storage-full, storage-failed.
 */
export async function takeSnapshot(path: string, draft: string): Promise<void> {
  const task: SnapshotTask = { path, draft };
  const worker = new Worker(new URL(import.meta.resolve("#adapters/sqlite/snapshot/snapshot-thread.ts")), {
    workerData: task,
  });
  const outcome = await new Promise<Outcome>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the thread that makes the snapshot ended")));
  });
  valueOf(outcome);
}

/** A snapshot that was looked through. */
export interface Snapshot extends Disposable {
  /** Blobs that a repository links and whose bytes were fine, by digest. */
  blobs(page: Page): BlobFacts[];
  count(): { items: number; bytes: number };
}

/** Opens a snapshot that is known to be one. Throws storage-failed. */
export function openSnapshot(path: string): Snapshot {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  try {
    const wanted = "FROM blobs WHERE unreferenced_at IS NULL AND damaged = 0";
    const page = db.prepare<[string, number], BlobFacts>(
      `SELECT digest, size, location ${wanted} AND digest > ? ORDER BY digest LIMIT ?`,
    );
    const count = db.prepare<[], { items: number; bytes: number }>(
      `SELECT count(*) AS items, coalesce(sum(size), 0) AS bytes ${wanted}`,
    );
    return {
      blobs: ({ last, limit }) => page.all(last ?? "", limit).map((row) => ({ ...row, damaged: false })),
      count: () => count.get() ?? { items: 0, bytes: 0 },
      [Symbol.dispose]: () => void db.close(),
    };
  } catch (error) {
    db.close();
    throw storageError(`The snapshot ${path} can't be read`, error);
  }
}

/**
 * Makes the file, a copy of a snapshot that the caller may change, ready to become the database: checked as a
 * database of Berth that isn't newer than `migrations`, without what passes, and with no access token good.
 * Safe to run again. Errors: storage-failed, with what to do. @param name the snapshot, for messages
 */
export function prepareRestored(file: string, name: string, migrations: string | URL, now: number): void {
  let db: Connection | undefined;
  try {
    db = new Database(file, { fileMustExist: true });
    // Nothing in it is believed before it was looked at.
    db.pragma("trusted_schema = OFF");
    checkOurs(db, name, migrations);
    quickCheck(db, `The snapshot ${name}`);
    checkDigests(db, name);
    dropWhatPasses(db);
    endAccessTokens(db, now);
  } catch (error) {
    if (error instanceof Database.SqliteError && /CORRUPT|NOTADB/.test(error.code)) {
      const message = `${name} is damaged or isn't a snapshot of Berth's (${error.message}). Name another one.`;
      throw new AppError("storage-failed", message, { cause: error });
    }
    throw storageError(`The snapshot ${name} can't be restored`, error);
  } finally {
    db?.close();
  }
}

function checkOurs(db: Connection, name: string, migrations: string | URL): void {
  const all = readMigrations(migrations);
  const known = new Map(all.map((one) => [one.version, one.name]));
  const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  const foreign = new AppError(
    "storage-failed",
    `${name} isn't a snapshot of Berth's metadata. Name a file that berth backup wrote.`,
  );
  if (!["schema_migrations", "repositories", "blobs", "manifests"].every((one) => tables.includes(one)))
    throw foreign;
  const rows = db
    .prepare<[], { version: number; name: string }>(
      "SELECT version, name FROM schema_migrations ORDER BY version",
    )
    .all();
  const newest = Math.max(...known.keys());
  for (const row of rows) {
    if (known.get(row.version) === row.name) continue;
    if (row.version <= newest) throw foreign;
    throw new AppError(
      "unsupported",
      `The snapshot ${name} is of a newer Berth: it has schema ${row.version} ("${row.name}"), and this Berth ` +
        `knows up to ${newest}. Restore it with that newer Berth.`,
    );
  }
  const applied = new Set(rows.map(({ version }) => version));
  const ours = all.filter(({ version }) => applied.has(version));
  if (!hasSchemaOf(db, ours))
    throw new AppError(
      "storage-failed",
      `${name} has other tables, indexes or triggers than Berth makes, so somebody changed it. Name another one.`,
    );
}

/** Copies of blobs are found by them. */
function checkDigests(db: Connection, name: string): void {
  const hex = (from: number, length: number) =>
    `length(digest) = ${from + length - 1} AND substr(digest, ${from}) NOT GLOB '*[^0-9a-f]*'`;
  const faulty = db
    .prepare<[], string>(
      `SELECT digest FROM blobs WHERE NOT (digest LIKE 'sha256:%' AND ${hex(8, 64)}) ` +
        `AND NOT (digest LIKE 'sha512:%' AND ${hex(8, 128)}) LIMIT 1`,
    )
    .pluck()
    .get();
  if (faulty === undefined) return;
  const message = `The snapshot ${name} is damaged: ${JSON.stringify(faulty)} is no digest. Name another one.`;
  throw new AppError("storage-failed", message);
}

/** Whether the file is a database that was copied while it was in use, so that its newest facts lie beside it. */
export function hasLogBeside(path: string): boolean {
  return existsSync(`${path}-wal`);
}
