import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { AppError } from "#core/errors.ts";

/**
 * Takes a data folder for this server alone, until disposed or until the process ends, however it ends:
 * the lock is the operating system's, held through an open SQLite transaction (Node has no flock).
 * Throws unavailable when another server has it.
 */
export function lockFolder(folder: string): Disposable {
  const lockFile = join(folder, "berth.lock");
  const pidFile = join(folder, "berth.pid");
  const db = new Database(lockFile, { timeout: 0 });
  try {
    db.pragma("journal_mode = DELETE");
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    if ((error as { code?: string }).code?.startsWith("SQLITE_BUSY") !== true) throw error;
    throw new AppError(
      "unavailable",
      `another Berth${holder(pidFile)} serves the data folder ${folder}: stop it, or choose another folder with --data`,
      { cause: error },
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  return {
    [Symbol.dispose]() {
      db.close();
    },
  };
}

function holder(pidFile: string): string {
  try {
    const pid = readFileSync(pidFile, "utf8").trim();
    return /^\d+$/.test(pid) ? ` (process ${pid})` : "";
  } catch {
    return "";
  }
}
