import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Database } from "./database.ts";
import { addChangeEvents } from "./event-rows.ts";
import { pullRows } from "./pull-rows.ts";
import { repositoryRows } from "./repository-rows.ts";

interface Brought {
  id: number;
  digest: Digest;
  size: number;
}

// One that was asked for or pushed again since it came may be needed by another push: it is left to garbage collection.
const isBrought =
  "l.unreferenced_at >= $2 AND l.unreferenced_at = l.linked_at AND l.owner IS NOT DISTINCT FROM $3";
const isChosen = "($4::text[] IS NULL OR b.digest = ANY ($4))";

/** `takeBack` of the seam. Locks blobs by digest, then the repository, like every other change. */
export function takeBack(
  db: Database,
  repository: RepositoryName,
  owner: string | undefined,
  since: number,
  now: number,
  digests: readonly Digest[] | undefined,
): Promise<number> {
  const chosen = [since, owner ?? null, digests ?? null];
  return db.transaction(
    async (tx) => {
      await tx.rows(
        "SELECT b.id FROM blobs b WHERE b.id IN (SELECT l.blob_id FROM repository_blobs l " +
          `JOIN repositories r ON r.id = l.repository_id WHERE r.name = $1 AND ${isBrought}) ` +
          `AND ${isChosen} ORDER BY b.digest FOR NO KEY UPDATE`,
        [repository, ...chosen],
      );
      const repositoryId = await repositoryRows(tx).lock(repository);
      const gone = await tx.rows<Brought>(
        "DELETE FROM repository_blobs l USING blobs b " +
          `WHERE l.repository_id = $1 AND b.id = l.blob_id AND ${isBrought} AND ${isChosen} ` +
          "RETURNING b.id, b.digest, b.size",
        [repositoryId, ...chosen],
      );
      if (gone.length === 0) return 0;
      await tx.change(
        "UPDATE blobs SET unreferenced_at = $1 WHERE id = ANY ($2::bigint[]) " +
          "AND NOT EXISTS (SELECT 1 FROM repository_blobs WHERE blob_id = blobs.id)",
        [now, gone.map(({ id }) => id)],
      );
      const pulls = pullRows(tx);
      for (const { digest } of gone) await pulls.went({ repository, repositoryId, kind: "blob", digest });
      const events = gone.map(
        ({ digest, size }) => ({ action: "delete", kind: "blob", repository, digest, size }) as const,
      );
      await addChangeEvents(tx, undefined, now, ...events);
      return gone.length;
    },
    (count) => count > 0,
  );
}
