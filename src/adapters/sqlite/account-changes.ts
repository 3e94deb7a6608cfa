import type { AuditAction, AuditActor } from "#core/audit.ts";
import { auditRows } from "./audit-rows.ts";
import type { Connection } from "./connection.ts";

/** Who changes accounts, and when (ms). */
export interface By {
  by: AuditActor;
  now: number;
}

/** What every change of accounts, groups and secrets does beside itself: the next version, the audit row. */
export function accountChanges(db: Connection) {
  const next = db.prepare<[]>("UPDATE account_version SET version = version + 1");
  const audit = auditRows(db);
  return {
    /** Without an audit row: nobody did it, time did. */
    nextVersion: () => void next.run(),
    record(action: AuditAction, subject: string, { by, now }: By): void {
      next.run();
      const { actorId, actor, kind, address, request, rule } = by;
      audit.insert({ actorId, actor, kind, address, request, rule, at: now, action, subject, count: 1 });
    },
  };
}
