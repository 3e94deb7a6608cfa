import type { FactChecks } from "#core/metadata/fact-checks.ts";
import type { Database, Queries } from "./database.ts";
import { noRepository, repositoryRows } from "./repository-rows.ts";

/** Whether the mark of link `l` to blob `b` in repository `r` isn't what it should be. */
export const wrongMark =
  "CASE WHEN r.upstream IS NOT NULL THEN l.unreferenced_at IS NOT NULL ELSE (l.unreferenced_at IS NULL) <> " +
  "EXISTS (SELECT 1 FROM manifest_references f WHERE f.repository_id = l.repository_id AND f.digest = b.digest) END";

/** What a repository really has. @param id of it: a column or parameter */
export const realUsage = (id: string): string =>
  "SELECT (coalesce((SELECT sum(b.size) FROM repository_blobs l JOIN blobs b ON b.id = l.blob_id " +
  `WHERE l.repository_id = ${id}), 0) + coalesce((SELECT sum(size) FROM manifests WHERE repository_id = ${id}), 0))::bigint ` +
  `AS bytes, (SELECT count(*) FROM repository_blobs WHERE repository_id = ${id}) AS blobs, ` +
  `(SELECT count(*) FROM manifests WHERE repository_id = ${id}) AS manifests, ` +
  `(SELECT count(*) FROM tags WHERE repository_id = ${id}) AS tags`;

/** What each account really brought. */
export const realOwners =
  "SELECT owner, sum(bytes)::bigint AS bytes, sum(tags)::bigint AS tags FROM (" +
  "SELECT l.owner, b.size AS bytes, 0 AS tags FROM repository_blobs l JOIN blobs b ON b.id = l.blob_id " +
  "WHERE l.owner IS NOT NULL UNION ALL SELECT owner, 0, 1 FROM tags WHERE owner IS NOT NULL) AS brought GROUP BY owner";

type Mending = Pick<FactChecks, "mendLinks" | "mendUsage" | "mendOwners" | "mendSize" | "mendManifest">;

/** Changes that set facts right which were found wrong; blobs are locked before repositories, as everywhere. */
export function factMending(db: Database): Mending {
  return {
    mendLinks: (repository, ids, now) =>
      db.transaction(async (tx) => {
        const found = await tx.rows<{ id: number }>(
          "SELECT id FROM blobs WHERE id = ANY ($1::bigint[]) ORDER BY digest FOR NO KEY UPDATE",
          [ids],
        );
        const id = await repositoryRows(tx).lock(repository);
        if (id === noRepository) return 0;
        const there = new Set(found.map((row) => row.id));
        const lost = ids.filter((one) => !there.has(one));
        const marked = await tx.change(
          "UPDATE repository_blobs t SET unreferenced_at = CASE WHEN t.unreferenced_at IS NULL THEN $3::bigint END " +
            "FROM repository_blobs l JOIN repositories r ON r.id = l.repository_id JOIN blobs b ON b.id = l.blob_id " +
            "WHERE t.repository_id = l.repository_id AND t.blob_id = l.blob_id " +
            `AND l.repository_id = $1 AND l.blob_id = ANY ($2::bigint[]) AND ${wrongMark}`,
          [id, ids, now],
        );
        return marked + (lost.length === 0 ? 0 : await dropLost(tx, lost));
      }),

    async mendUsage(repository) {
      await db.transaction(async (tx) => {
        // Alone with the counters: who changes what they count changes them, too, and has committed or comes after.
        await tx.change("LOCK TABLE repository_usage IN EXCLUSIVE MODE");
        const row = await tx.row<{ id: number }>("SELECT id FROM repositories WHERE name = $1", [repository]);
        if (row === undefined) return;
        await tx.change(
          "INSERT INTO repository_usage (repository_id, bytes, blobs, manifests, tags) " +
            `SELECT $1::bigint, x.* FROM (${realUsage("$1::bigint")}) AS x ON CONFLICT (repository_id) DO UPDATE SET ` +
            "bytes = excluded.bytes, blobs = excluded.blobs, manifests = excluded.manifests, tags = excluded.tags",
          [row.id],
        );
      });
    },

    async mendOwners() {
      await db.transaction(async (tx) => {
        await tx.change("LOCK TABLE owner_usage IN EXCLUSIVE MODE");
        await tx.change("DELETE FROM owner_usage");
        await tx.change(`INSERT INTO owner_usage (owner, bytes, tags) ${realOwners}`);
      });
    },

    mendSize: (digest, location, size) =>
      db.transaction(async (tx) => {
        const changed = await tx.change("UPDATE blobs SET size = $3 WHERE digest = $1 AND location = $2", [
          digest,
          location,
          size,
        ]);
        if (changed === 0) return false;
        await tx.change("UPDATE last_pulled SET size = $2 WHERE kind = 'blob' AND digest = $1", [
          digest,
          size,
        ]);
        return true;
      }),

    mendManifest: (repository, digest, bytes) =>
      db.transaction(async (tx) => {
        const id = await repositoryRows(tx).lock(repository);
        const row = await tx.row<{ id: number }>(
          "SELECT id FROM manifests WHERE repository_id = $1 AND digest = $2",
          [id, digest],
        );
        if (row === undefined) return false;
        await tx.change(
          "INSERT INTO manifest_bytes (manifest_id, bytes) VALUES ($1, $2) " +
            "ON CONFLICT (manifest_id) DO UPDATE SET bytes = excluded.bytes",
          [row.id, bytes],
        );
        await tx.change("UPDATE manifests SET size = $2 WHERE id = $1", [row.id, bytes.length]);
        return true;
      }),
  };
}

/** Of every repository: none of them can have it. What is counted without a link needs the blob's row. */
async function dropLost(tx: Queries, ids: readonly number[]): Promise<number> {
  await tx.change(
    "INSERT INTO blobs (id, digest, size, location, created_at) OVERRIDING SYSTEM VALUE " +
      "SELECT id, 'lost:' || id, 0, 'lost', 0 FROM unnest($1::bigint[]) AS lost (id) ON CONFLICT DO NOTHING",
    [ids],
  );
  const gone = await tx.change("DELETE FROM repository_blobs WHERE blob_id = ANY ($1::bigint[])", [ids]);
  await tx.change("DELETE FROM blobs WHERE id = ANY ($1::bigint[]) AND location = 'lost'", [ids]);
  return gone;
}
