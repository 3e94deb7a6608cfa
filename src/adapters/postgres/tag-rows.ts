import type { DeleteFacts } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { Tag } from "#oci/reference.ts";
import type { Queries } from "./database.ts";
import { heldRows } from "./held-rows.ts";

/** Tags inside a transaction that has their repository's lock: where they point, and moving them. */
export function tagRows(tx: Queries) {
  async function names(manifestId: number): Promise<Tag[]> {
    const text = "SELECT name FROM tags WHERE manifest_id = $1 ORDER BY name";
    return (await tx.rows<{ name: Tag }>(text, [manifestId])).map(({ name }) => name);
  }
  return {
    /** The manifest that the tag points to now. */
    target: (repositoryId: number, name: Tag) =>
      tx.row<{ manifestId: number; digest: Digest }>(
        'SELECT t.manifest_id AS "manifestId", m.digest FROM tags t JOIN manifests m ON m.id = t.manifest_id ' +
          "WHERE t.repository_id = $1 AND t.name = $2",
        [repositoryId, name],
      ),

    /** Where those of these tags that are there point to. */
    async targets(repositoryId: number, wanted: readonly Tag[]): Promise<Map<Tag, Digest>> {
      if (wanted.length === 0) return new Map();
      const rows = await tx.rows<{ name: Tag; digest: Digest }>(
        "SELECT t.name, m.digest FROM tags t JOIN manifests m ON m.id = t.manifest_id " +
          "WHERE t.repository_id = $1 AND t.name = ANY ($2::text[])",
        [repositoryId, wanted],
      );
      return new Map(rows.map(({ name, digest }) => [name, digest]));
    },

    /**
     * Makes tags, or moves them: then they let go what they named.
     * @param moving each name once
     * @param owner of new ones; an old one keeps its own
     */
    async move(
      repositoryId: number,
      moving: readonly Tag[],
      manifestId: number,
      now: number,
      owner: string | undefined,
    ): Promise<void> {
      if (moving.length === 0) return;
      const before = await tx.rows<{ id: number }>(
        "SELECT DISTINCT manifest_id AS id FROM tags WHERE repository_id = $1 AND name = ANY ($2::text[]) " +
          "AND manifest_id <> $3",
        [repositoryId, moving, manifestId],
      );
      await tx.change(
        "INSERT INTO tags AS t (repository_id, name, manifest_id, updated_at, owner) " +
          "SELECT $1, name, $3, $4, $5 FROM unnest($2::text[]) AS moving (name) " +
          "ON CONFLICT (repository_id, name) DO UPDATE " +
          "SET manifest_id = excluded.manifest_id, updated_at = excluded.updated_at, " +
          "checked_at = CASE WHEN t.manifest_id = excluded.manifest_id THEN t.checked_at END",
        [repositoryId, moving, manifestId, now, owner ?? null],
      );
      const released = before.map(({ id }) => id);
      await heldRows(tx).letGo(released, now);
    },

    /** Tags that point to the manifest, by name. */
    names,

    /** Whether the manifest and its tags are as the decision to delete took them to be. */
    async factsHold(facts: DeleteFacts, manifestId: number, digest: Digest): Promise<boolean> {
      if (facts.tagIs !== undefined && facts.tagIs !== digest) return false;
      if (facts.tagsOfDigest === undefined) return true;
      const expected = new Set<string>(facts.tagsOfDigest);
      const found = await names(manifestId);
      return found.length === expected.size && found.every((name) => expected.has(name));
    },
  };
}
