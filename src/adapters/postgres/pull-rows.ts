import { isCachedName } from "#core/cached-name.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Queries } from "./database.ts";

/** A blob's link or a manifest, in a repository. */
export interface Piece {
  repository: RepositoryName;
  repositoryId: number;
  kind: "blob" | "manifest";
  digest: Digest;
}

/**
 * When pieces were last pulled, inside a transaction that has the lock of the blob or, for a manifest, of the
 * repository. Of hosted repositories only manifests are noted, when they are pulled (hosted-pulls): what comes costs
 * nothing.
 */
export function pullRows(tx: Queries) {
  return {
    /** It is in its repository from now on, or again. */
    async came({ repository, repositoryId, kind, digest }: Piece, size: number, now: number): Promise<void> {
      if (!isCachedName(repository)) return;
      await tx.change(
        "INSERT INTO last_pulled AS p (digest, repository_id, kind, size, upstream, pulled_at) " +
          "SELECT $1, id, $3, $4, upstream, $5 FROM repositories WHERE id = $2 " +
          "ON CONFLICT (digest, repository_id, kind) " +
          "DO UPDATE SET pulled_at = greatest(p.pulled_at, excluded.pulled_at)",
        [digest, repositoryId, kind, size, now],
      );
    },

    async went({ repository, repositoryId, kind, digest }: Piece): Promise<void> {
      if (kind === "blob" && !isCachedName(repository)) return;
      await tx.change("DELETE FROM last_pulled WHERE digest = $1 AND repository_id = $2 AND kind = $3", [
        digest,
        repositoryId,
        kind,
      ]);
    },
  };
}
