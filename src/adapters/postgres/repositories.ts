import type { Repositories } from "#core/metadata/repositories.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { blobMethods } from "./blobs.ts";
import { after, type Database } from "./database.ts";
import { manifestChanges } from "./manifest-changes.ts";
import { manifestReads } from "./manifest-reads.ts";

/** Repositories of the seam. */
export function postgresRepositories(db: Database): Repositories {
  return {
    ...blobMethods(db),
    ...manifestReads(db),
    ...manifestChanges(db),

    exists: async (repository) =>
      (await db.row("SELECT 1 FROM repositories WHERE name = $1", [repository])) !== undefined,

    holdsManifest: async (repository) =>
      (await db.row(
        "SELECT 1 FROM repositories r WHERE name = $1 AND EXISTS (SELECT 1 FROM manifests WHERE repository_id = r.id)",
        [repository],
      )) !== undefined,

    async catalog({ last, limit }) {
      const rows = await db.rows<{ name: RepositoryName }>(
        "SELECT name FROM repositories r WHERE name > $1 " +
          "AND EXISTS (SELECT 1 FROM manifests WHERE repository_id = r.id) ORDER BY name LIMIT $2",
        [after(last), limit],
      );
      return rows.map(({ name }) => name);
    },

    async count() {
      const row = await db.row<{ repositories: number; blobs: number; manifests: number; tags: number }>(
        "SELECT (SELECT count(*) FROM repositories) AS repositories, " +
          "(SELECT count(*) FROM blobs WHERE unreferenced_at IS NULL) AS blobs, " +
          "(SELECT count(*) FROM manifests) AS manifests, (SELECT count(*) FROM tags) AS tags",
      );
      return row ?? { repositories: 0, blobs: 0, manifests: 0, tags: 0 };
    },
  };
}
