import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { AuditActor } from "../audit.ts";
import { isCachedName } from "../cached-name.ts";
import { isEngineName } from "../engine-name.ts";

/** A tag that is removed, as the store that does it knows it. */
export interface TagLeaves {
  repository: RepositoryName;
  repositoryId: number;
  tag: Tag;
  now: number;
  by: AuditActor | undefined;
  /** What removes it; `by`'s by default. */
  rule?: string;
}

/**
 * How a tag that goes is remembered, so that it may come back. Undefined: it is gone, because it is cached or an
 * engine's own.
 */
export function rememberedAs({
  repository,
  by,
  rule = by?.rule ?? "",
}: TagLeaves): { removedBy: string; rule: string } | undefined {
  if (isCachedName(repository) || isEngineName(repository)) return undefined;
  return { removedBy: by?.actor ?? (rule || "somebody"), rule };
}
