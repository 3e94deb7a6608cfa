import Database from "better-sqlite3";
import { AppError } from "#core/errors.ts";
import { storageError } from "./errors.ts";

export type Connection = Database.Database;

/** How long a connection waits for a lock that another program holds, ms. The event loop waits with it. */
const lockWait = 5000;

/**
 * Opens a connection with everything that SQLite doesn't remember in the file. Close it after use.
 * @param mode `read` wants an existing database and can't change it.
 * Errors: storage-failed, naming the file.
 */
export function openConnection(path: string, mode: "write" | "read"): Connection {
  let db: Connection | undefined;
  try {
    db = new Database(path, { readonly: mode === "read", fileMustExist: mode === "read", timeout: lockWait });
    const journal = db.pragma("journal_mode = WAL", { simple: true });
    if (journal !== "wal") {
      throw new AppError(
        "storage-failed",
        `The metadata database ${path} can't use a write-ahead log (it stays in mode "${String(journal)}"). ` +
          `Put the data folder on a local file system.`,
      );
    }
    // On a file that exists the default of this build is NORMAL, which loses the last commits at power loss.
    db.pragma("synchronous = FULL");
    db.pragma("foreign_keys = ON");
    db.pragma("temp_store = MEMORY");
    // KiB. Mapped reads (mmap_size) measured no faster, and an I/O error in a mapped page ends the process.
    db.pragma("cache_size = -16384");
    if (mode === "write") tuneForWriting(db);
    return db;
  } catch (error) {
    db?.close();
    throw storageError(`The metadata database ${path} can't be opened`, error);
  }
}

function tuneForWriting(db: Connection): void {
  // 4 MiB of log between checkpoints: a longer one measured no faster, and reads search it.
  db.pragma("wal_autocheckpoint = 1000");
  // What one huge commit made of the log is given back at the next checkpoint.
  db.pragma("journal_size_limit = 67108864");
}
