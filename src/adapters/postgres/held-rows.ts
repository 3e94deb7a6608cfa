import type { Digest } from "#oci/digest.ts";
import type { Queries } from "./database.ts";

/** Whether something holds the manifest `m`: a tag, a removed one, an index, or a subject that is there. */
export const isHeld =
  "(EXISTS (SELECT 1 FROM tags WHERE manifest_id = m.id) " +
  "OR EXISTS (SELECT 1 FROM removed_tags WHERE manifest_id = m.id) " +
  "OR EXISTS (SELECT 1 FROM manifest_references f WHERE f.repository_id = m.repository_id AND f.digest = m.digest) " +
  "OR (m.subject IS NOT NULL AND EXISTS (SELECT 1 FROM manifests s " +
  "WHERE s.repository_id = m.repository_id AND s.digest = m.subject)))";

/** Since when the manifest `m` may be loose. */
export const looseSince = "greatest(m.pushed_at, coalesce(m.released_at, 0))";

/** Locked in the order of their ids. */
const release = (which: string) =>
  "UPDATE manifests SET released_at = $1 WHERE id IN " +
  `(SELECT id FROM manifests WHERE ${which} ORDER BY id FOR NO KEY UPDATE)`;
const releaseByIds = release("id = ANY ($2::bigint[])");
const releaseBelow = release("repository_id = $2 AND (digest = ANY ($3::text[]) OR subject = $4)");

/** When manifests were let go by what held them; something else may hold them still. */
export function heldRows(tx: Queries) {
  return {
    /** A tag, or a removed one, held them, and doesn't any more. */
    async letGo(manifestIds: readonly number[], now: number): Promise<void> {
      if (manifestIds.length > 0) await tx.change(releaseByIds, [now, manifestIds]);
    },
    /** An index named these, and doesn't any more; and what refers to `subject`, where that is gone. */
    async unnamed(
      repositoryId: number,
      digests: readonly Digest[],
      subject: Digest | undefined,
      now: number,
    ): Promise<void> {
      await tx.change(releaseBelow, [now, repositoryId, digests, subject ?? null]);
    },
  };
}
