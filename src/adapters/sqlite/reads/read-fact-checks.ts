import type { CheckedLink, RepositoryCounts, WrongUsage } from "#core/metadata/fact-checks.ts";
import type { BlobFacts, Page } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { Connection } from "../connection.ts";

type LinkRow = { [K in keyof BlobFacts]: BlobFacts[K] | null } & { id: number; wrong: 0 | 1 };

/** Whether the mark of link `l` to blob `b` in repository `r` isn't what it should be. */
export const wrongMark =
  "CASE WHEN r.upstream IS NOT NULL THEN l.unreferenced_at IS NOT NULL ELSE (l.unreferenced_at IS NULL) <> " +
  "EXISTS (SELECT 1 FROM manifest_references f WHERE f.repository_id = l.repository_id AND f.digest = b.digest) END";

/** What the repository `:id` really has. */
export const realUsage =
  "SELECT coalesce((SELECT sum(b.size) FROM repository_blobs l JOIN blobs b ON b.id = l.blob_id " +
  "WHERE l.repository_id = :id), 0) + coalesce((SELECT sum(size) FROM manifests WHERE repository_id = :id), 0) AS bytes, " +
  "(SELECT count(*) FROM repository_blobs WHERE repository_id = :id) AS blobs, " +
  "(SELECT count(*) FROM manifests WHERE repository_id = :id) AS manifests, " +
  "(SELECT count(*) FROM tags WHERE repository_id = :id) AS tags";

/** What each account really brought. */
export const realOwners =
  "SELECT owner, sum(bytes) AS bytes, sum(tags) AS tags FROM (" +
  "SELECT l.owner, b.size AS bytes, 0 AS tags FROM repository_blobs l JOIN blobs b ON b.id = l.blob_id " +
  "WHERE l.owner IS NOT NULL UNION ALL SELECT owner, 0, 1 FROM tags WHERE owner IS NOT NULL) GROUP BY owner";

/** Reads that compare facts with each other. */
export function factCheckReads(db: Connection) {
  const repositories = db
    .prepare<[string, number], RepositoryName>(
      "SELECT name FROM repositories WHERE name > ? ORDER BY name LIMIT ?",
    )
    .pluck();
  const manifests = db
    .prepare<[number, string, number], Digest>(
      "SELECT digest FROM manifests WHERE repository_id = ? AND digest > ? ORDER BY digest LIMIT ?",
    )
    .pluck();
  const lostTags = db
    .prepare<[number, number], Tag>(
      "SELECT name FROM tags WHERE repository_id = ? " +
        "AND NOT EXISTS (SELECT 1 FROM manifests m WHERE m.id = tags.manifest_id) ORDER BY name LIMIT ?",
    )
    .pluck();
  const links = db.prepare<[number, number, number], LinkRow>(
    `SELECT l.blob_id AS id, b.digest, b.size, b.location, b.damaged, ${wrongMark} AS wrong ` +
      "FROM repository_blobs l JOIN repositories r ON r.id = l.repository_id LEFT JOIN blobs b ON b.id = l.blob_id " +
      "WHERE l.repository_id = ? AND l.blob_id > ? ORDER BY l.blob_id LIMIT ?",
  );
  const counted = db.prepare<[number], RepositoryCounts>(
    "SELECT bytes, blobs, manifests, tags FROM repository_usage WHERE repository_id = ?",
  );
  const real = db.prepare<[{ id: number }], RepositoryCounts>(realUsage);
  const both = db.transaction((id: number) => ({ counted: counted.get(id), real: real.get({ id }) }));
  const wrongOwners = db
    .prepare<[], string>(
      `WITH real AS (${realOwners}), ` +
        "counted AS (SELECT owner, bytes, tags FROM owner_usage WHERE bytes <> 0 OR tags <> 0) " +
        "SELECT owner FROM (SELECT * FROM real EXCEPT SELECT * FROM counted) UNION " +
        "SELECT owner FROM (SELECT * FROM counted EXCEPT SELECT * FROM real) ORDER BY owner",
    )
    .pluck();
  const copies = db
    .prepare<[string, number], Buffer>(
      "SELECT s.bytes FROM manifests m JOIN manifest_bytes s ON s.manifest_id = m.id WHERE m.digest = ? LIMIT ?",
    )
    .pluck();
  const reaching = db
    .prepare<[{ id: number; digest: string; limit: number }], Tag>(
      "WITH RECURSIVE up (digest, depth) AS (SELECT :digest, 0 UNION SELECT m.digest, depth + 1 FROM up " +
        "JOIN manifest_references f ON f.repository_id = :id AND f.digest = up.digest " +
        "JOIN manifests m ON m.id = f.manifest_id WHERE depth < 4) " +
        "SELECT DISTINCT t.name FROM up JOIN manifests m ON m.repository_id = :id AND m.digest = up.digest " +
        "JOIN tags t ON t.manifest_id = m.id ORDER BY t.name LIMIT :limit",
    )
    .pluck();

  return {
    repositories: ({ last, limit }: Page) => repositories.all(last ?? "", limit),
    manifests: (id: number, { last, limit }: Page) => manifests.all(id, last ?? "", limit),
    lostTags: (id: number, limit: number) => lostTags.all(id, limit),
    links: (id: number, after: number | undefined, limit: number): CheckedLink[] =>
      links.all(id, after ?? -1, limit).map(linkOf),
    usage(id: number): WrongUsage | undefined {
      const found = both(id);
      const none: RepositoryCounts = { bytes: 0, blobs: 0, manifests: 0, tags: 0 };
      const usage = { counted: found.counted ?? none, real: found.real ?? none };
      return sameCounts(usage) ? undefined : usage;
    },
    wrongOwners: () => wrongOwners.all(),
    manifestCopies: (digest: Digest, limit: number) =>
      copies.all(digest, limit).map((bytes) => new Uint8Array(bytes)),
    tagsReaching: (id: number, digest: Digest, limit: number) => reaching.all({ id, digest, limit }),
  };
}

function linkOf({ id, digest, size, location, damaged, wrong }: LinkRow): CheckedLink {
  const marked = wrong === 1 ? "wrong" : "right";
  if (digest === null || size === null || location === null) return { id, blob: undefined, marked };
  return { id, blob: { digest, size, location, damaged: Boolean(damaged) }, marked };
}

function sameCounts({ counted, real }: WrongUsage): boolean {
  return (
    counted.bytes === real.bytes &&
    counted.blobs === real.blobs &&
    counted.manifests === real.manifests &&
    counted.tags === real.tags
  );
}
