import type { AuditAction, AuditActor } from "#core/audit.ts";
import { auditChange } from "./audit-rows.ts";
import type { Database, Queries } from "./database.ts";

/** Who changes accounts, and when (ms). */
export interface By {
  by: AuditActor;
  now: number;
}

/** Statements of one change of accounts, and what it does beside itself. */
export interface AccountTransaction extends Queries {
  /** Without an audit row: nobody did it, time did. */
  nextVersion(): Promise<void>;
  /** The next version, and the audit row. */
  record(action: AuditAction, subject: string, who: By): Promise<void>;
}

/**
 * A change of accounts, groups or secrets. One at a time over all servers: what it reads stays true until it
 * is committed, such as how many admins are left.
 */
export function accountTransaction<T>(
  db: Database,
  work: (tx: AccountTransaction) => Promise<T>,
): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.row("SELECT version FROM account_version FOR UPDATE");
    const nextVersion = async () =>
      void (await tx.change("UPDATE account_version SET version = version + 1"));
    return work({
      ...tx,
      nextVersion,
      async record(action, subject, { by, now }) {
        await nextVersion();
        await auditChange(tx, by, now, { action, subject });
      },
    });
  });
}
