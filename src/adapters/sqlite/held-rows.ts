import type { Digest } from "#oci/digest.ts";
import type { Connection } from "./connection.ts";

/** Whether something holds the manifest `m`: a tag, a removed one, an index, or a subject that is there. */
export const isHeld =
  "(EXISTS (SELECT 1 FROM tags WHERE manifest_id = m.id) " +
  "OR EXISTS (SELECT 1 FROM removed_tags WHERE manifest_id = m.id) " +
  "OR EXISTS (SELECT 1 FROM manifest_references f WHERE f.repository_id = m.repository_id AND f.digest = m.digest) " +
  "OR (m.subject IS NOT NULL AND EXISTS (SELECT 1 FROM manifests s " +
  "WHERE s.repository_id = m.repository_id AND s.digest = m.subject)))";

/** Since when the manifest `m` may be loose. */
export const looseSince = "max(m.pushed_at, coalesce(m.released_at, 0))";

/** When manifests were let go by what held them; something else may hold them still. */
export function heldRows(db: Connection) {
  const release = db.prepare<[number, number]>("UPDATE manifests SET released_at = ? WHERE id = ?");
  const releaseNamed = db.prepare<[number, number, string]>(
    "UPDATE manifests SET released_at = ? WHERE repository_id = ? AND digest = ?",
  );
  const releaseReferrers = db.prepare<[number, number, string]>(
    "UPDATE manifests SET released_at = ? WHERE repository_id = ? AND subject = ?",
  );
  return {
    /** A tag, or a removed one, held them, and doesn't any more. */
    letGo(manifestIds: readonly number[], now: number): void {
      for (const id of manifestIds) release.run(now, id);
    },
    /** An index named these, and doesn't any more. What is no manifest of the repository is left out. */
    unnamed(repositoryId: number, digests: readonly Digest[], now: number): void {
      for (const digest of digests) releaseNamed.run(now, repositoryId, digest);
    },
    /** What refers to this manifest, which is gone. */
    withoutSubject(repositoryId: number, subject: Digest, now: number): void {
      releaseReferrers.run(now, repositoryId, subject);
    },
  };
}
