import type { DeleteFacts } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { Tag } from "#oci/reference.ts";
import type { Connection } from "./connection.ts";
import { heldRows } from "./held-rows.ts";

/** Tags as the writer sees them: where they point, moving them, and the facts that a decision rested on. */
export function tagRows(db: Connection) {
  const held = heldRows(db);
  const target = db.prepare<[number, string], { manifestId: number; digest: Digest }>(
    "SELECT t.manifest_id AS manifestId, m.digest FROM tags t JOIN manifests m ON m.id = t.manifest_id " +
      "WHERE t.repository_id = ? AND t.name = ?",
  );
  const upsert = db.prepare<[number, string, number, number, string | null]>(
    "INSERT INTO tags (repository_id, name, manifest_id, updated_at, owner) VALUES (?, ?, ?, ?, ?) " +
      "ON CONFLICT (repository_id, name) DO UPDATE " +
      "SET manifest_id = excluded.manifest_id, updated_at = excluded.updated_at, " +
      "checked_at = CASE WHEN manifest_id = excluded.manifest_id THEN checked_at END",
  );
  const ofManifest = db
    .prepare<[number], Tag>("SELECT name FROM tags WHERE manifest_id = ? ORDER BY name")
    .pluck();

  return {
    /** The manifest that the tag points to now. */
    target: (repositoryId: number, name: Tag) => target.get(repositoryId, name),

    /** Makes the tag, or moves it: then it lets go what it named. @param owner of a new one; an old one keeps its own */
    move(repositoryId: number, name: Tag, manifestId: number, now: number, owner: string | undefined): void {
      const was = target.get(repositoryId, name)?.manifestId;
      upsert.run(repositoryId, name, manifestId, now, owner ?? null);
      if (was !== undefined && was !== manifestId) held.letGo([was], now);
    },

    /** Tags that point to the manifest, by name. */
    names: (manifestId: number) => ofManifest.all(manifestId),

    /** Whether the manifest and its tags are as the decision to delete took them to be. */
    factsHold(facts: DeleteFacts, manifestId: number, digest: Digest): boolean {
      if (facts.tagIs !== undefined && facts.tagIs !== digest) return false;
      if (facts.tagsOfDigest === undefined) return true;
      const expected = new Set<string>(facts.tagsOfDigest);
      const found = ofManifest.all(manifestId);
      return found.length === expected.size && found.every((name) => expected.has(name));
    },
  };
}
