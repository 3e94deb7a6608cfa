import Database from "better-sqlite3";
import { existsSync, statSync } from "node:fs";
import { readMigrations } from "./migrate.ts";

/** From which schema to which a database would be brought when it is opened. */
export interface PendingUpgrade {
  from: number;
  to: number;
}

/**
 * Whether an older Berth wrote the database. Undefined: it is up to date, a newer one's, not there, or can't be read
 * (who opens it next says why).
 */
export function pendingUpgrade(path: string, migrations: string | URL): PendingUpgrade | undefined {
  if (!existsSync(path) || statSync(path).size === 0) return undefined;
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    const from = db.prepare<[], number | null>("SELECT max(version) FROM schema_migrations").pluck().get();
    const to = readMigrations(migrations).at(-1)?.version ?? 0;
    return typeof from === "number" && from < to ? { from, to } : undefined;
  } catch {
    return undefined;
  } finally {
    db?.close();
  }
}
