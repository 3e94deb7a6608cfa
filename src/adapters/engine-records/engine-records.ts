/**
 * What the engine knows, in SQLite: `engine.db` in the engine's data folder, a table for each noun, a row for each
 * record, its JSON beside its id. Owns that file and the folder's lock; knows no rules.
 * Flow: put → JSON → the transaction of this turn → resolved.
 */
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { EngineRecords } from "#core/engine/records.ts";
import { AppError } from "#core/errors.ts";
import { exclusiveFolder } from "#kit/exclusive-folder.ts";
import { recordsFault } from "./faults.ts";
import { migrateRecords } from "./migrations.ts";
import { openShelf } from "./open-shelf.ts";
import { createWriter } from "./writer.ts";

/**
 * Opens the records in `folder`, made where it isn't there, and takes the folder for this process until disposed.
 * Errors: unavailable where another engine has the folder; storage-failed for a damaged, foreign or newer database.
 */
export async function openEngineRecords(folder: string): Promise<EngineRecords> {
  const path = join(folder, "engine.db");
  const lock = takeFolder(folder);
  let db: Database.Database | undefined;
  try {
    // Records hold what containers were given in their environment; SQLite gives its other files the same mode.
    closeSync(openSync(path, "a", 0o600));
    db = connect(path);
    migrateRecords(db);
    return shelves(db, lock);
  } catch (error) {
    db?.close();
    lock[Symbol.dispose]();
    throw recordsFault(`The engine's records in ${path} can't be opened`, error);
  }
}

function takeFolder(folder: string): Disposable {
  let lock: ReturnType<typeof exclusiveFolder>;
  try {
    // Others may pass, for containers in user namespaces have their root below.
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    lock = exclusiveFolder(folder, "engine");
  } catch (error) {
    throw recordsFault(`The engine's data folder ${folder} can't be used`, error);
  }
  if (!("heldBy" in lock)) return lock;
  const holder = lock.heldBy === undefined ? "" : ` (process ${lock.heldBy})`;
  throw new AppError(
    "unavailable",
    `Another engine${holder} has the data folder ${folder}. Stop it, or name another folder (engine.data).`,
  );
}

function connect(path: string): Database.Database {
  const db = new Database(path, { timeout: 5000 });
  try {
    const journal = db.pragma("journal_mode = WAL", { simple: true });
    if (journal === "wal") return db;
    throw new AppError(
      "storage-failed",
      `The engine's records ${path} can't use a write-ahead log. Put the engine's data folder on a local file system.`,
    );
  } catch (error) {
    db.close();
    throw error;
  }
}

function shelves(db: Database.Database, lock: Disposable): EngineRecords {
  const writer = createWriter(db);
  const byId = <T extends { id: string }>(table: string) => openShelf<T>(db, writer, table, ({ id }) => id);
  return {
    containers: byId("containers"),
    images: byId("images"),
    layers: byId("layers"),
    networks: byId("networks"),
    volumes: openShelf(db, writer, "volumes", ({ name }) => name),
    async [Symbol.asyncDispose]() {
      writer[Symbol.dispose]();
      db.close();
      lock[Symbol.dispose]();
    },
  };
}
