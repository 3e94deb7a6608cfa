import { isCachedName } from "#core/cached-name.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Queries } from "./database.ts";

const namedThere =
  "EXISTS (SELECT 1 FROM manifest_references f WHERE f.repository_id = $1 AND f.digest = b.digest)";

/**
 * Links of blobs to repositories, and since when no manifest of the repository names what they link: kept right by each
 * change, so that nobody has to look for it. Links of cached repositories are never marked: those are evicted.
 */
export function linkMarks(tx: Queries) {
  return {
    /**
     * Under the lock of the blob. A link that nothing names counts as new from now on.
     * @returns whether there was no such link before
     */
    async link(
      repository: { name: RepositoryName; id: number },
      blobId: number,
      now: number,
      owner: string | undefined,
    ): Promise<boolean> {
      const isCached = isCachedName(repository.name);
      const added = await tx.change(
        "INSERT INTO repository_blobs (repository_id, blob_id, linked_at, unreferenced_at, owner) " +
          "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        [repository.id, blobId, now, isCached ? null : now, owner ?? null],
      );
      if (isCached) return added > 0;
      if (added === 0)
        await tx.change(
          "UPDATE repository_blobs SET unreferenced_at = $3 " +
            "WHERE repository_id = $1 AND blob_id = $2 AND unreferenced_at < $3",
          [repository.id, blobId, now],
        );
      // A manifest may have named it before it came. A statement of its own: the insert's trigger waits for whoever
      // puts a first manifest there at the same time, and this sees what that one named.
      else
        await tx.change(
          "UPDATE repository_blobs l SET unreferenced_at = NULL FROM blobs b WHERE b.id = $2 " +
            `AND l.repository_id = $1 AND l.blob_id = $2 AND ${namedThere}`,
          [repository.id, blobId],
        );
      return added > 0;
    },

    /** Manifests of the repository name these; under its lock. */
    async named(repositoryId: number, digests: readonly string[]): Promise<void> {
      if (digests.length === 0) return;
      await tx.change(
        "UPDATE repository_blobs l SET unreferenced_at = NULL FROM blobs b WHERE b.digest = ANY ($2::text[]) " +
          "AND l.repository_id = $1 AND l.blob_id = b.id AND l.unreferenced_at IS NOT NULL",
        [repositoryId, digests],
      );
    },

    /** Manifests that named these are gone, or name other things now; under the repository's lock. */
    async letGo(
      repository: RepositoryName,
      repositoryId: number,
      digests: readonly Digest[],
      now: number,
    ): Promise<void> {
      if (isCachedName(repository) || digests.length === 0) return;
      await tx.change(
        "UPDATE repository_blobs l SET unreferenced_at = $3 FROM blobs b WHERE b.digest = ANY ($2::text[]) " +
          `AND l.repository_id = $1 AND l.blob_id = b.id AND l.unreferenced_at IS NULL AND NOT ${namedThere}`,
        [repositoryId, digests, now],
      );
    },
  };
}
