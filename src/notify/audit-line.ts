import type { AuditRecord } from "#core/metadata/audit-log.ts";

/**
 * An entry of the audit log as one line of JSON, without the line's end: `at` in ISO 8601 (UTC), what an
 * entry doesn't have left out. The file, `berth audit --json` and the API write the same.
 */
export function auditLine(record: AuditRecord): string {
  const { id, at, action, actor, actorId, kind, address, request, rule } = record;
  const { repository, tag, digest, subject, count } = record;
  return JSON.stringify({
    id,
    at: new Date(at).toISOString(),
    action,
    actor,
    actorId,
    kind,
    address,
    repository,
    tag,
    digest,
    subject,
    rule,
    count,
    request,
  });
}
