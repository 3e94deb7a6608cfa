import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";

/**
 * Takes a folder for this process alone, until disposed or until the process ends, however it ends: the lock is the
 * operating system's, held through an open SQLite transaction (Node has no flock).
 * @param name of the lock, `berth`: the files are `berth.lock` and `berth.pid`.
 * @returns who has it instead where another process has it; its id where that is known.
 */
export function exclusiveFolder(folder: string, name: string): Disposable | { heldBy: number | undefined } {
  const pidFile = join(folder, `${name}.pid`);
  const db = new Database(join(folder, `${name}.lock`), { timeout: 0 });
  try {
    db.pragma("journal_mode = DELETE");
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    if ((error as { code?: string }).code?.startsWith("SQLITE_BUSY") !== true) throw error;
    return { heldBy: pidIn(pidFile) };
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  return {
    [Symbol.dispose]() {
      db.close();
    },
  };
}

function pidIn(file: string): number | undefined {
  try {
    const pid = readFileSync(file, "utf8").trim();
    return /^\d{1,10}$/.test(pid) ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}
