import type { CheckedLink, FactChecks, RepositoryCounts } from "#core/metadata/fact-checks.ts";
import type { BlobFacts } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { after, type Database } from "./database.ts";
import { factMending, realOwners, realUsage, wrongMark } from "./mend-facts.ts";

type LinkRow = { [K in keyof BlobFacts]: BlobFacts[K] | null } & { id: number; wrong: boolean };

/** Counts as one statement sees them: what is counted, and what there really is. */
interface UsageRow {
  real: RepositoryCounts;
  counted: RepositoryCounts | null;
}

/** Checks of facts of the seam. */
export function postgresFactChecks(db: Database): FactChecks {
  return {
    async repositories({ last, limit }) {
      const rows = await db.rows<{ name: RepositoryName }>(
        "SELECT name FROM repositories WHERE name > $1 ORDER BY name LIMIT $2",
        [after(last), limit],
      );
      return rows.map(({ name }) => name);
    },

    async manifests(repository, { last, limit }) {
      const rows = await db.rows<{ digest: Digest }>(
        "SELECT m.digest FROM repositories r JOIN manifests m ON m.repository_id = r.id " +
          "WHERE r.name = $1 AND m.digest > $2 ORDER BY m.digest LIMIT $3",
        [repository, after(last), limit],
      );
      return rows.map(({ digest }) => digest);
    },

    async lostTags(repository, limit) {
      const rows = await db.rows<{ name: Tag }>(
        "SELECT t.name FROM repositories r JOIN tags t ON t.repository_id = r.id WHERE r.name = $1 " +
          "AND NOT EXISTS (SELECT 1 FROM manifests m WHERE m.id = t.manifest_id) ORDER BY t.name LIMIT $2",
        [repository, limit],
      );
      return rows.map(({ name }) => name);
    },

    async links(repository, last, limit) {
      const rows = await db.rows<LinkRow>(
        `SELECT l.blob_id AS id, b.digest, b.size, b.location, b.damaged, ${wrongMark} AS wrong ` +
          "FROM repositories r JOIN repository_blobs l ON l.repository_id = r.id " +
          "LEFT JOIN blobs b ON b.id = l.blob_id " +
          "WHERE r.name = $1 AND l.blob_id > $2 ORDER BY l.blob_id LIMIT $3",
        [repository, last ?? -1, limit],
      );
      return rows.map(linkOf);
    },

    async usage(repository) {
      const row = await db.row<UsageRow>(
        `SELECT to_jsonb(x.*) AS real, to_jsonb(u.*) AS counted FROM repositories r ` +
          `CROSS JOIN LATERAL (${realUsage("r.id")}) AS x ` +
          "LEFT JOIN repository_usage u ON u.repository_id = r.id WHERE r.name = $1",
        [repository],
      );
      if (row === undefined) return undefined;
      const none = { bytes: 0, blobs: 0, manifests: 0, tags: 0 };
      const { bytes, blobs, manifests, tags } = row.counted ?? none;
      const counted = { bytes, blobs, manifests, tags };
      const { real } = row;
      const same = (["bytes", "blobs", "manifests", "tags"] as const).every(
        (key) => counted[key] === real[key],
      );
      return same ? undefined : { counted, real };
    },

    async wrongOwners() {
      const rows = await db.rows<{ owner: string }>(
        `WITH real AS (${realOwners}), ` +
          "counted AS (SELECT owner, bytes, tags FROM owner_usage WHERE bytes <> 0 OR tags <> 0) " +
          "SELECT owner FROM (SELECT * FROM real EXCEPT SELECT * FROM counted) AS a UNION " +
          "SELECT owner FROM (SELECT * FROM counted EXCEPT SELECT * FROM real) AS b ORDER BY owner",
      );
      return rows.map(({ owner }) => owner);
    },

    async manifestCopies(digest, limit) {
      const rows = await db.rows<{ bytes: Buffer }>(
        "SELECT s.bytes FROM manifests m JOIN manifest_bytes s ON s.manifest_id = m.id WHERE m.digest = $1 LIMIT $2",
        [digest, limit],
      );
      return rows.map(({ bytes }) => new Uint8Array(bytes));
    },

    async tagsReaching(repository, digest, limit) {
      const rows = await db.rows<{ name: Tag }>(
        "WITH RECURSIVE r AS (SELECT id FROM repositories WHERE name = $1), " +
          'up (digest, depth) AS (SELECT $2::text COLLATE "C", 0 UNION SELECT m.digest, up.depth + 1 FROM up ' +
          "CROSS JOIN r JOIN manifest_references f ON f.repository_id = r.id AND f.digest = up.digest " +
          "JOIN manifests m ON m.id = f.manifest_id WHERE up.depth < 4) " +
          "SELECT DISTINCT t.name FROM up CROSS JOIN r JOIN manifests m ON m.repository_id = r.id " +
          "AND m.digest = up.digest JOIN tags t ON t.manifest_id = m.id ORDER BY t.name LIMIT $3",
        [repository, digest, limit],
      );
      return rows.map(({ name }) => name);
    },

    ...factMending(db),
  };
}

function linkOf({ id, digest, size, location, damaged, wrong }: LinkRow): CheckedLink {
  const marked = wrong ? "wrong" : "right";
  if (digest === null || size === null || location === null) return { id, blob: undefined, marked };
  return { id, blob: { digest, size, location, damaged: Boolean(damaged) }, marked };
}
