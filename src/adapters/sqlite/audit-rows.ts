import type { AuditActor, AuditEntry } from "#core/audit.ts";
import { publicName } from "#core/cached-name.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Connection } from "./connection.ts";

/** What a change did; who did it comes as its actor. */
export type AuditedChange = Pick<AuditEntry, "action" | "repository" | "tag" | "digest" | "subject">;

export type AuditRows = ReturnType<typeof auditRows>;

interface AuditValues {
  at: number;
  action: string;
  actorId: string | null;
  actor: string;
  kind: string;
  address: string;
  request: string;
  rule: string;
  repository: string | null;
  tag: string | null;
  digest: string | null;
  subject: string | null;
  count: number;
}

/** People know what is cached by its public name. */
const named = (name: string | undefined) => (name === undefined ? null : publicName(name as RepositoryName));

/** Adds rows to the audit log, inside the transaction that is open: a row stands or falls with its change. */
export function auditRows(db: Connection) {
  const add = db.prepare<[AuditValues]>(
    "INSERT INTO audit (at, action, actor_id, actor, kind, address, request, rule, repository, tag, digest, " +
      "subject, count) VALUES (:at, :action, :actorId, :actor, :kind, :address, :request, :rule, :repository, " +
      ":tag, :digest, :subject, :count)",
  );

  function insert(entry: AuditEntry): void {
    const { at, action, actor, kind, address, request, rule, count } = entry;
    add.run({
      at,
      action,
      actorId: entry.actorId ?? null,
      actor,
      kind,
      address,
      request,
      rule,
      repository: named(entry.repository),
      tag: entry.tag ?? null,
      digest: entry.digest ?? null,
      subject: named(entry.subject),
      count,
    });
  }

  return {
    insert,
    /** The row of one change. @param by undefined, or unrecorded: nothing is written. @param at ms since the epoch. */
    change(by: AuditActor | undefined, at: number, what: AuditedChange): void {
      if (by && by.unrecorded === undefined) insert({ ...by, ...what, at, count: 1 });
    },
  };
}
