import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError } from "#core/errors.ts";
import type { Connection } from "./connection.ts";
import { storageError } from "./errors.ts";

export interface Migration {
  version: number;
  name: string;
  file: string;
}

/** Made before the first migration. */
export const migrationsTable =
  "CREATE TABLE schema_migrations " +
  "(version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT";

const fileName = /^(\d{4})-([a-z0-9-]+)\.sql$/;

/**
 * Brings a database to the newest version that `directory` has (`NNNN-name.sql`, in order), each file
 * in a transaction of its own together with its row in `schema_migrations`.
 * Errors: storage-failed for a database that a newer Berth wrote, one that is no database of Berth, a
 * damaged one, and a migration that fails (which then left nothing behind).
 */
export function migrate(db: Connection, directory: string | URL): void {
  const path = db.name;
  try {
    const migrations = readMigrations(directory);
    const applied = appliedVersions(db);
    const newest = migrations.at(-1)?.version ?? 0;
    const unknown = [...applied].find(([version]) => !migrations.some((known) => known.version === version));
    if (unknown) {
      throw new AppError(
        "storage-failed",
        `The metadata database ${path} was written by a newer Berth: it has schema ${unknown[0]} ` +
          `("${unknown[1]}"), and this Berth knows up to ${newest}. Start that newer Berth again, or go ` +
          `back to before the upgrade: berth rebuild --list, or a backup.`,
      );
    }
    for (const migration of migrations) if (!applied.has(migration.version)) apply(db, migration);
  } catch (error) {
    throw storageError(`The metadata database ${path} can't be brought to the current schema`, error);
  }
}

/** The migrations of the folder, in order. Throws storage-failed where it is no such folder. */
export function readMigrations(directory: string | URL): Migration[] {
  const folder = typeof directory === "string" ? directory : fileURLToPath(directory);
  const migrations: Migration[] = [];
  for (const file of readdirSync(folder).sort()) {
    const parts = fileName.exec(file);
    if (!parts) continue;
    const [, version = "", name = ""] = parts;
    migrations.push({
      version: Number(version),
      name,
      file: resolve(folder, file),
    });
  }
  if (migrations.length === 0) {
    throw new AppError("storage-failed", `There are no migrations in ${folder}. Install Berth again.`);
  }
  const twice = migrations.find((migration, i) => migrations[i - 1]?.version === migration.version);
  if (twice)
    throw new AppError("storage-failed", `Two migrations in ${folder} have version ${twice.version}.`);
  return migrations;
}

function appliedVersions(db: Connection): Map<number, string> {
  const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  if (tables.length === 0) {
    db.exec(migrationsTable);
  } else if (!tables.includes("schema_migrations")) {
    throw new AppError(
      "storage-failed",
      `${db.name} is a SQLite database of another program. Name another data folder.`,
    );
  }
  const rows = db
    .prepare<[], { version: number; name: string }>(
      "SELECT version, name FROM schema_migrations ORDER BY version",
    )
    .all();
  return new Map(rows.map((row) => [row.version, row.name]));
}

function apply(db: Connection, migration: Migration): void {
  const sql = readFileSync(migration.file, "utf8");
  db.exec("BEGIN IMMEDIATE");
  try {
    db.exec(sql);
    if (!db.inTransaction) throw new Error(`${migration.file} ends the transaction that it runs in`);
    db.prepare("INSERT INTO schema_migrations (version, name, applied_at) VALUES (?, ?, ?)").run(
      migration.version,
      migration.name,
      Date.now(),
    );
    db.exec("COMMIT");
  } catch (error) {
    if (db.inTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
