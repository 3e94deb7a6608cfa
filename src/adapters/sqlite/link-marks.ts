import { isCachedName } from "#core/cached-name.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Connection } from "./connection.ts";

/**
 * Links of blobs to repositories, and since when no manifest of the repository names what they link: kept right by each
 * change, so that nobody has to look for it. Links of cached repositories are never marked: those are evicted.
 */
export function linkMarks(db: Connection) {
  const insert = db.prepare<[number, number, number, number | null, string | null]>(
    "INSERT INTO repository_blobs (repository_id, blob_id, linked_at, unreferenced_at, owner) " +
      "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const refresh = db.prepare<[{ repositoryId: number; blobId: number; now: number }]>(
    "UPDATE repository_blobs SET unreferenced_at = :now " +
      "WHERE repository_id = :repositoryId AND blob_id = :blobId AND unreferenced_at < :now",
  );
  const isNamed = db
    .prepare<[number, string], 0 | 1>(
      "SELECT EXISTS (SELECT 1 FROM manifest_references WHERE repository_id = ? AND digest = ?)",
    )
    .pluck();
  const clear = db.prepare<[number, string]>(
    "UPDATE repository_blobs SET unreferenced_at = NULL WHERE repository_id = ? " +
      "AND blob_id = (SELECT id FROM blobs WHERE digest = ?) AND unreferenced_at IS NOT NULL",
  );
  const mark = db.prepare<[number, number, string]>(
    "UPDATE repository_blobs SET unreferenced_at = ? WHERE repository_id = ? " +
      "AND blob_id = (SELECT id FROM blobs WHERE digest = ?) AND unreferenced_at IS NULL",
  );

  return {
    /** @returns whether there was no such link before; one that nothing names counts as new from now on, too */
    link(
      repository: { name: RepositoryName; id: number },
      blob: { id: number; digest: Digest },
      now: number,
      owner: string | undefined,
    ): boolean {
      const { name, id: repositoryId } = repository;
      const unreferenced = !isCachedName(name) && isNamed.get(repositoryId, blob.digest) === 0;
      const added = insert.run(repositoryId, blob.id, now, unreferenced ? now : null, owner ?? null);
      if (added.changes === 0) refresh.run({ repositoryId, blobId: blob.id, now });
      return added.changes > 0;
    },

    isNamed: (repositoryId: number, digest: Digest): boolean => isNamed.get(repositoryId, digest) === 1,

    /** A manifest of the repository names it. */
    named(repositoryId: number, digest: string): void {
      clear.run(repositoryId, digest);
    },

    /** A manifest that named these is gone, or names other things now. */
    letGo(repository: RepositoryName, repositoryId: number, digests: readonly Digest[], now: number): void {
      if (isCachedName(repository)) return;
      for (const digest of digests)
        if (isNamed.get(repositoryId, digest) === 0) mark.run(now, repositoryId, digest);
    },
  };
}
