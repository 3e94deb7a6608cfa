import type { Account } from "#core/metadata/accounts.ts";
import { openConnection } from "./connection.ts";
import { storageError } from "./errors.ts";
import { accountReads } from "./reads/read-accounts.ts";

export interface AccountReader extends Disposable {
  byName(name: string): Account | undefined;
}

/**
 * The accounts alone and for reading only, also next to a running server, which it doesn't disturb.
 * Errors: storage-failed, naming the file.
 */
export function openSqliteAccounts(path: string): AccountReader {
  const db = openConnection(path, "read");
  try {
    const { byName } = accountReads(db);
    return { byName, [Symbol.dispose]: () => void db.close() };
  } catch (error) {
    db.close();
    throw storageError(`The accounts in ${path} can't be read`, error);
  }
}
