import Database from "better-sqlite3";
import { AppError } from "#core/errors.ts";

/**
 * An error of SQLite as one of ours: storage-full when the disk is full, else storage-failed; an AppError stays as it is.
 * @param what what failed, as the beginning of a sentence: `The engine's records couldn't be written`.
 */
export function recordsFault(what: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = error instanceof Database.SqliteError ? error.code : "";
  if (code === "SQLITE_FULL") {
    return new AppError("storage-full", `${what}: their disk is full. Free some space.`, { cause: error });
  }
  return new AppError("storage-failed", `${what}: ${reason(code, error)}`, { cause: error });
}

function reason(code: string, error: unknown): string {
  if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB") return damaged;
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED"))
    return "another program holds the database locked. End that program.";
  if (code.startsWith("SQLITE_READONLY"))
    return "the database is read-only. Check the permissions and the mount of its folder.";
  if (code.startsWith("SQLITE_CANTOPEN"))
    return "the database can't be opened. Check that its folder exists and may be written.";
  const said = error instanceof Error ? error.message : String(error);
  return code === "" ? said : `${said} (${code}).`;
}

/** What to do about a database that can't be trusted any more. */
export const damaged =
  "the database is damaged or isn't one of the engine. Restore it from a backup, or move it away: " +
  "then the engine begins with no containers and images, and volumes stay where they are.";
