import type { AuditActor } from "#core/audit.ts";
import { isCachedName } from "#core/cached-name.ts";
import { isEngineName } from "#core/engine-name.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { Connection } from "./connection.ts";
import { heldRows } from "./held-rows.ts";

export interface TagLeaves {
  repository: RepositoryName;
  repositoryId: number;
  tag: Tag;
  now: number;
  by: AuditActor | undefined;
  /** What removes it; `by`'s by default. */
  rule?: string;
}

/** Tags that go and may come back, for the writer. */
export function removedTagRows(db: Connection) {
  const held = heldRows(db);
  const remember = db.prepare<[number, string, string, number, string]>(
    "INSERT INTO removed_tags (repository_id, name, manifest_id, removed_at, removed_by, rule, owner, updated_at) " +
      "SELECT repository_id, name, manifest_id, ?, ?, ?, owner, updated_at FROM tags " +
      "WHERE repository_id = ? AND name = ?",
  );
  const remove = db
    .prepare<[number, string], number>(
      "DELETE FROM tags WHERE repository_id = ? AND name = ? RETURNING manifest_id",
    )
    .pluck();
  return {
    /** Removes the tag. One of a hosted repository may come back; what is cached or an engine's own is gone. */
    take({ repository, repositoryId, tag, now, by, rule = by?.rule ?? "" }: TagLeaves): void {
      if (!isCachedName(repository) && !isEngineName(repository))
        remember.run(now, by?.actor ?? (rule || "somebody"), rule, repositoryId, tag);
      held.letGo(remove.all(repositoryId, tag), now);
    },
  };
}
