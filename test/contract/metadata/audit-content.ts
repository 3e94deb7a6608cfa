import type { AuditActor, AuditEntry } from "#core/audit.ts";
import type { AuditRecord } from "#core/metadata/audit-log.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { alpha, digest, tag } from "./content.ts";

export const alice: AuditActor = {
  actorId: "user:1",
  actor: "alice",
  kind: "user",
  address: "192.0.2.7",
  request: "r-1",
  rule: "policy.rules[0]",
};

/** A pull that was gathered. */
export function pull(at: number, rest: Partial<AuditEntry> = {}): AuditEntry {
  const what = {
    action: "pull-manifest",
    repository: alpha,
    tag: tag("latest"),
    digest: digest("m"),
  } as const;
  return { ...alice, ...what, at, count: 1, ...rest };
}

export async function everything({ audit }: Metadata): Promise<AuditRecord[]> {
  return audit.list({}, 0, 1_000_000);
}

/** Of each entry the action, and what it is about. */
export async function told(metadata: Metadata): Promise<unknown[][]> {
  const records = await everything(metadata);
  return records.map(({ action, repository, tag, digest, subject }) =>
    [action, repository, tag, digest, subject].filter((part) => part !== undefined),
  );
}
