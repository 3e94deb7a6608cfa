import Database from "better-sqlite3";
import { AppError } from "#core/errors.ts";

/**
 * An error of SQLite as one of ours: storage-full when the disk is full, else storage-failed.
 * An AppError stays as it is.
 * @param what what failed, as the beginning of a sentence: `The upload couldn't be recorded`.
 */
export function storageError(what: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const sqlite = error instanceof Database.SqliteError ? error : undefined;
  if (sqlite?.code === "SQLITE_FULL") {
    return new AppError(
      "storage-full",
      `${what}: the disk of the metadata database is full. Free some space.`,
      {
        cause: error,
      },
    );
  }
  return new AppError("storage-failed", `${what}: ${reason(sqlite?.code ?? "", error)}`, { cause: error });
}

function reason(code: string, error: unknown): string {
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED"))
    return "another program holds the metadata database locked. End that program.";
  if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB")
    return "the metadata database is damaged or isn't a SQLite database. Restore it from a backup.";
  if (code.startsWith("SQLITE_READONLY"))
    return "the metadata database is read-only. Check the permissions and the mount of its folder.";
  if (code.startsWith("SQLITE_CANTOPEN"))
    return "the metadata database can't be opened. Check that its folder exists and may be written.";
  const said = error instanceof Error ? error.message : String(error);
  if (code.startsWith("SQLITE_IOERR"))
    return `the disk of the metadata database reported an error (${code}: ${said}). Check the disk.`;
  return code === "" ? said : `${said} (${code}).`;
}
