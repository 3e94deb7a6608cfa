import type { AuditEntry } from "#core/audit.ts";
import { auditRows } from "../audit-rows.ts";
import type { Connection } from "../connection.ts";

/** Changes of the audit log itself; changes of other things write their rows with themselves. */
export function auditOperations(db: Connection) {
  const rows = auditRows(db);
  const drop = db.prepare<[number, number]>(
    "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? ORDER BY at LIMIT ?)",
  );
  const setWritten = db.prepare<[number]>("UPDATE audit_lines SET written = ?");
  return {
    appendAudit({ entries }: { entries: readonly AuditEntry[] }): void {
      for (const entry of entries) rows.insert(entry);
    },
    dropAudit: ({ before, limit }: { before: number; limit: number }): number =>
      drop.run(before, limit).changes,
    setAuditWritten({ id }: { id: number }): void {
      setWritten.run(id);
    },
  };
}

export type AuditOperations = ReturnType<typeof auditOperations>;
