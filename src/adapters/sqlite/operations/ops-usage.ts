import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Connection } from "../connection.ts";
import { eventRows } from "../event-rows.ts";
import { pullRows } from "../pull-rows.ts";
import { repositoryRows } from "../repository-rows.ts";

export interface TakeBack {
  repository: RepositoryName;
  owner: string | undefined;
  since: number;
  now: number;
  digests: readonly Digest[] | undefined;
}

/** Takes back what a push brought that was refused for a quota. */
export function usageOperations(db: Connection) {
  const repositories = repositoryRows(db);
  const events = eventRows(db);
  const pulls = pullRows(db);
  // One that was asked for or pushed again since it came may be needed by another push: it is left to garbage collection.
  const brought = db.prepare<
    [Record<string, number | string | null>],
    { id: number; digest: Digest; size: number }
  >(
    "SELECT b.id, b.digest, b.size FROM repository_blobs l JOIN blobs b ON b.id = l.blob_id " +
      "WHERE l.repository_id = :repositoryId AND l.unreferenced_at >= :since AND l.unreferenced_at = l.linked_at " +
      "AND l.owner IS :owner AND (:digests IS NULL OR b.digest IN (SELECT value FROM json_each(:digests))) " +
      "ORDER BY b.digest",
  );
  const unlink = db.prepare<[number, number]>(
    "DELETE FROM repository_blobs WHERE repository_id = ? AND blob_id = ?",
  );
  const unreferenced = db.prepare<[number, number]>(
    "UPDATE blobs SET unreferenced_at = ? WHERE id = ? " +
      "AND NOT EXISTS (SELECT 1 FROM repository_blobs WHERE blob_id = blobs.id)",
  );

  return {
    takeBack({ repository, owner, since, now, digests }: TakeBack): number {
      const repositoryId = repositories.find(repository);
      const blobs = brought.all({
        ...{ repositoryId, since, owner: owner ?? null },
        digests: digests === undefined ? null : JSON.stringify(digests),
      });
      for (const { id, digest, size } of blobs) {
        unlink.run(repositoryId, id);
        pulls.went({ repository, repositoryId, kind: "blob", digest });
        unreferenced.run(now, id);
        events.change(undefined, now, { action: "delete", kind: "blob", repository, digest, size });
      }
      return blobs.length;
    },
  };
}

export type UsageOperations = ReturnType<typeof usageOperations>;
