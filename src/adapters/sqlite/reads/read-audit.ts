import type { AuditFilter, AuditRecord } from "#core/metadata/audit-log.ts";
import type { Connection } from "../connection.ts";

type Nullable = "actorId" | "repository" | "tag" | "digest" | "subject";
type AuditRow = Omit<AuditRecord, Nullable> & { [K in Nullable]: Exclude<AuditRecord[K], undefined> | null };

const conditions = {
  since: "at >= :since",
  until: "at <= :until",
  actor: "actor = :actor",
  repository: "repository = :repository",
  action: "action = :action",
} as const satisfies Record<keyof AuditFilter, string>;

const names = Object.keys(conditions) as (keyof AuditFilter)[];

/** Reads of the audit log. */
export function auditReads(db: Connection) {
  const columns =
    "SELECT id, at, action, actor_id AS actorId, actor, kind, address, request, rule, repository, tag, digest, " +
    "subject, count FROM audit";
  const written = db.prepare<[], number>("SELECT written FROM audit_lines").pluck();
  // By text; there are no more texts than combinations of conditions.
  const statements = new Map<string, ReturnType<typeof db.prepare<[object], AuditRow>>>();

  function all(sql: string, values: object): AuditRecord[] {
    let statement = statements.get(sql);
    if (!statement) statements.set(sql, (statement = db.prepare<[object], AuditRow>(sql)));
    return statement.all(values).map(record);
  }

  return {
    list(filter: AuditFilter, after: number, limit: number): AuditRecord[] {
      const where = ["id > :after", ...conditionsOf(filter)].join(" AND ");
      const sql = `${columns} NOT INDEXED WHERE ${where} ORDER BY id LIMIT :limit`;
      return all(sql, { ...given(filter), after, limit });
    },

    latest(filter: AuditFilter, limit: number): AuditRecord[] {
      const where = conditionsOf(filter).join(" AND ");
      // A point in time is found by the index; anything else by going back from the end.
      const way = filter.since === undefined ? "NOT INDEXED" : "INDEXED BY audit_at";
      const sql = `${columns} ${way} ${where && `WHERE ${where}`} ORDER BY id DESC LIMIT :limit`;
      return all(sql, { ...given(filter), limit }).reverse();
    },

    written: () => written.get() ?? 0,
  };
}

function given(filter: AuditFilter): AuditFilter {
  return Object.fromEntries(
    names.filter((name) => filter[name] !== undefined).map((name) => [name, filter[name]]),
  );
}

function conditionsOf(filter: AuditFilter): string[] {
  return names.filter((name) => filter[name] !== undefined).map((name) => conditions[name]);
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
