import { AppError } from "#core/errors.ts";
import type { AuditLog } from "#core/metadata/audit-log.ts";
import { openConnection } from "./connection.ts";
import { storageError } from "./errors.ts";
import { auditReads } from "./reads/read-audit.ts";

export interface AuditReader extends Pick<AuditLog, "list" | "latest">, Disposable {}

/**
 * The audit log alone and for reading only, also next to a running server, which it doesn't disturb.
 * Errors: storage-failed, naming the file; also for a database that an older Berth wrote.
 */
export function openSqliteAudit(path: string): AuditReader {
  const db = openConnection(path, "read");
  try {
    const table = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'audit'").get();
    if (table === undefined) {
      throw new AppError(
        "storage-failed",
        `The metadata database ${path} has no audit log yet. Start this Berth's server once: it adds one.`,
      );
    }
    const audit = auditReads(db);
    const read = async <T>(run: () => T): Promise<T> => {
      try {
        return run();
      } catch (error) {
        throw storageError(`The audit log in ${path} can't be read`, error);
      }
    };
    return {
      list: (filter, after, limit) => read(() => audit.list(filter, after, limit)),
      latest: (filter, limit) => read(() => audit.latest(filter, limit)),
      [Symbol.dispose]: () => void db.close(),
    };
  } catch (error) {
    db.close();
    throw storageError(`The audit log in ${path} can't be read`, error);
  }
}
