import { rememberedAs, type TagLeaves } from "#core/metadata/tag-leaves.ts";
import type { Queries } from "./database.ts";
import { heldRows } from "./held-rows.ts";

/**
 * Removes a tag, inside a transaction that has the repository's lock. One of a hosted repository may come back; what is
 * cached or an engine's own is gone.
 */
export async function takeTag(tx: Queries, leaves: TagLeaves): Promise<void> {
  const { repositoryId, tag, now } = leaves;
  const remembered = rememberedAs(leaves);
  if (remembered !== undefined)
    await tx.change(
      "INSERT INTO removed_tags (repository_id, name, manifest_id, removed_at, removed_by, rule, owner, updated_at) " +
        "SELECT repository_id, name, manifest_id, $3, $4, $5, owner, updated_at FROM tags " +
        "WHERE repository_id = $1 AND name = $2",
      [repositoryId, tag, now, remembered.removedBy, remembered.rule],
    );
  const held = await tx.rows<{ id: number }>(
    "DELETE FROM tags WHERE repository_id = $1 AND name = $2 RETURNING manifest_id AS id",
    [repositoryId, tag],
  );
  const released = held.map(({ id }) => id);
  await heldRows(tx).letGo(released, now);
}
