import type { Page } from "#core/metadata/repositories.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Connection } from "../connection.ts";
import { noRepository } from "../repository-rows.ts";

/** Ids remembered at most; about 100 bytes each. */
const mostIds = 20_000;

/** Reads of repositories as a whole. */
export function repositoryReads(db: Connection) {
  const find = db.prepare<[string], number>("SELECT id FROM repositories WHERE name = ?").pluck();
  const page = db
    .prepare<[string, number], RepositoryName>(
      "SELECT name FROM repositories r WHERE name > ? " +
        "AND EXISTS (SELECT 1 FROM manifests WHERE repository_id = r.id) ORDER BY name LIMIT ?",
    )
    .pluck();
  const holding = db
    .prepare<[number], number>("SELECT EXISTS (SELECT 1 FROM manifests WHERE repository_id = ?)")
    .pluck();
  const counts = db.prepare<[], { repositories: number; blobs: number; manifests: number; tags: number }>(
    "SELECT (SELECT count(*) FROM repositories) AS repositories, (SELECT count(*) FROM blobs) " +
      "- (SELECT count(*) FROM blobs WHERE unreferenced_at IS NOT NULL) AS blobs, " +
      "(SELECT count(*) FROM manifests) AS manifests, (SELECT count(*) FROM tags) AS tags",
  );
  // Safe to remember because rows are never deleted; that one isn't there yet is never remembered.
  const ids = new Map<string, number>();

  function idOf(name: RepositoryName): number {
    const remembered = ids.get(name);
    if (remembered !== undefined) return remembered;
    const id = find.get(name);
    if (id === undefined) return noRepository;
    if (ids.size >= mostIds) ids.clear();
    ids.set(name, id);
    return id;
  }

  return {
    id: idOf,
    holdsManifest: (name: RepositoryName) => holding.get(idOf(name)) === 1,
    exists: (name: RepositoryName) => find.get(name) !== undefined,
    catalog: ({ last, limit }: Page) => page.all(last ?? "", limit),
    count: () => counts.get() ?? { repositories: 0, blobs: 0, manifests: 0, tags: 0 },
  };
}
