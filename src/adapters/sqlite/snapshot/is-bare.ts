import Database from "better-sqlite3";

/**
 * Whether a database holds nothing that anybody pushed: a server makes such a one where there was none. Undefined: it
 * can't be read.
 */
export function isBare(path: string): boolean | undefined {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    const found = db
      .prepare<[], number>("SELECT EXISTS (SELECT 1 FROM repositories) OR EXISTS (SELECT 1 FROM blobs)")
      .pluck()
      .get();
    return found === 0;
  } catch {
    return undefined;
  } finally {
    db?.close();
  }
}
