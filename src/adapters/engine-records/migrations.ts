import type Database from "better-sqlite3";
import { AppError } from "#core/errors.ts";
import { damaged } from "./faults.ts";

/** One step each; step n brings `user_version` from n-1 to n. Never edited once released. */
const steps = [
  ["containers", "images", "layers", "networks", "volumes"]
    .map((noun) => `CREATE TABLE ${noun} (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;`)
    .join("\n"),
  "CREATE TABLE lasting_writes (count INTEGER NOT NULL) STRICT; INSERT INTO lasting_writes VALUES (0);",
];

/** "BrEn": so that another program's database is told from ours. */
const application = 0x4272456e;

/** Brings the database to the newest shape. Throws storage-failed for a newer, foreign or damaged one. */
export function migrateRecords(db: Database.Database): void {
  const version = Number(db.pragma("user_version", { simple: true }));
  const owner = Number(db.pragma("application_id", { simple: true }));
  const empty = db.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
  if (!empty && owner !== application) throw new AppError("storage-failed", `${db.name}: ${damaged}`);
  if (version > steps.length) {
    throw new AppError(
      "storage-failed",
      `The engine's records in ${db.name} were written by a newer Berth: they have version ${version}, and this ` +
        `Berth knows up to ${steps.length}. Start that newer Berth again.`,
    );
  }
  const check = db.pragma("quick_check(1)", { simple: true });
  if (check !== "ok") throw new AppError("storage-failed", `${db.name}: ${damaged}`, { cause: check });
  for (const [at, step] of steps.entries()) {
    if (at < version) continue;
    db.transaction(() => {
      db.exec(step);
      db.pragma(`application_id = ${application}`);
      db.pragma(`user_version = ${at + 1}`);
    })();
  }
}
