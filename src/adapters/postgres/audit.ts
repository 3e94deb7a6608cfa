import type { AuditFilter, AuditLog, AuditRecord } from "#core/metadata/audit-log.ts";
import { settledId } from "./audit-order.ts";
import { addAuditRows } from "./audit-rows.ts";
import type { Database } from "./database.ts";

type Nullable = "actorId" | "repository" | "tag" | "digest" | "subject";
type AuditRow = Omit<AuditRecord, Nullable> & { [K in Nullable]: Exclude<AuditRecord[K], undefined> | null };

const conditions = {
  since: "at >=",
  until: "at <=",
  actor: "actor =",
  repository: "repository =",
  action: "action =",
} as const satisfies Record<keyof AuditFilter, string>;

const names = Object.keys(conditions) as (keyof AuditFilter)[];

const columns =
  'SELECT id, at, action, actor_id AS "actorId", actor, kind, address, request, rule, repository, tag, digest, ' +
  "subject, count FROM audit";

/** The audit log of the seam. Lists end before rows that are still being written elsewhere, see audit-order. */
export function postgresAudit(db: Database): AuditLog {
  async function read(
    filter: AuditFilter,
    first: number,
    rest: string,
    limit: number,
  ): Promise<AuditRecord[]> {
    const given = names.filter((name) => filter[name] !== undefined);
    const values: unknown[] = [first, await settledId(db), limit];
    const where = given.map((name) => ` AND ${conditions[name]} $${values.push(filter[name])}`).join("");
    const sql = `${columns} WHERE id > $1 AND id <= $2${where} ORDER BY id ${rest} LIMIT $3`;
    return (await db.rows<AuditRow>(sql, values)).map(record);
  }

  return {
    append: async (entries) => {
      if (entries.length > 0) await db.transaction((tx) => addAuditRows(tx, entries));
    },
    list: (filter, after, limit) => read(filter, after, "ASC", limit),
    latest: async (filter, limit) => (await read(filter, 0, "DESC", limit)).reverse(),
    drop: (before, limit) =>
      db.change(
        "DELETE FROM audit WHERE id IN " +
          "(SELECT id FROM audit WHERE at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)",
        [before, limit],
      ),
    written: async () => (await db.row<{ written: number }>("SELECT written FROM audit_lines"))?.written ?? 0,
    setWritten: async (id) => void (await db.change("UPDATE audit_lines SET written = $1", [id])),
  };
}

function record(row: AuditRow): AuditRecord {
  return {
    ...row,
    actorId: row.actorId ?? undefined,
    repository: row.repository ?? undefined,
    tag: row.tag ?? undefined,
    digest: row.digest ?? undefined,
    subject: row.subject ?? undefined,
  };
}
