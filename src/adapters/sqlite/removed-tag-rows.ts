import { rememberedAs, type TagLeaves } from "#core/metadata/tag-leaves.ts";
import type { Connection } from "./connection.ts";
import { heldRows } from "./held-rows.ts";

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
    take(leaves: TagLeaves): void {
      const { repositoryId, tag, now } = leaves;
      const remembered = rememberedAs(leaves);
      if (remembered !== undefined)
        remember.run(now, remembered.removedBy, remembered.rule, repositoryId, tag);
      held.letGo(remove.all(repositoryId, tag), now);
    },
  };
}
