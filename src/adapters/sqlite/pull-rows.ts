import { isCachedName } from "#core/cached-name.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Connection } from "./connection.ts";

/** A blob's link or a manifest, in a repository. */
export interface Piece {
  repository: RepositoryName;
  repositoryId: number;
  kind: "blob" | "manifest";
  digest: Digest;
}

/**
 * When pieces were last pulled, for the writer. Of hosted repositories only manifests are noted, when they are pulled
 * (ops-hosted-pulls): what comes costs nothing.
 */
export function pullRows(db: Connection) {
  const put = db.prepare<[string, string, number, number, number]>(
    "INSERT INTO last_pulled (digest, repository_id, kind, size, upstream, pulled_at) " +
      "SELECT ?, id, ?, ?, upstream, ? FROM repositories WHERE id = ? " +
      "ON CONFLICT (digest, repository_id, kind) DO UPDATE SET pulled_at = max(pulled_at, excluded.pulled_at)",
  );
  const remove = db.prepare<[string, number, string]>(
    "DELETE FROM last_pulled WHERE digest = ? AND repository_id = ? AND kind = ?",
  );
  return {
    /** It is in its repository from now on, or again. */
    came({ repository, repositoryId, kind, digest }: Piece, size: number, now: number): void {
      if (isCachedName(repository)) put.run(digest, kind, size, now, repositoryId);
    },
    went({ repository, repositoryId, kind, digest }: Piece): void {
      if (kind === "manifest" || isCachedName(repository)) remove.run(digest, repositoryId, kind);
    },
  };
}
