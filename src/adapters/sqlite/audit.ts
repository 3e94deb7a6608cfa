import type { AuditLog } from "#core/metadata/audit-log.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";
import { auditReads } from "./reads/read-audit.ts";

/** The audit log of the seam: reads here, mutations as data. */
export function sqliteAudit(db: Connection, read: Read, mutate: Mutate): AuditLog {
  const audit = auditReads(db);
  return {
    append: async (entries) => {
      if (entries.length > 0) await mutate("appendAudit", { entries });
    },
    list: (filter, after, limit) => read(() => audit.list(filter, after, limit)),
    latest: (filter, limit) => read(() => audit.latest(filter, limit)),
    drop: (before, limit) => mutate("dropAudit", { before, limit }),
    written: () => read(() => audit.written()),
    setWritten: (id) => mutate("setAuditWritten", { id }),
  };
}
