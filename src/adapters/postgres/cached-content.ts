import type {
  CachedContent,
  CachedPiece,
  CachedTag,
  Mirror,
  TagConfirmed,
} from "#core/metadata/cached-content.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { after, type Database } from "./database.ts";
import { evictPieces } from "./evict.ts";
import { notePulls } from "./note-pulls.ts";

/** Pulls of one statement. */
const pullsAtOnce = 500;

type MirrorRow = Omit<Mirror, "tags" | "platforms" | "syncedAt" | "fault"> & {
  tags: string;
  platforms: string;
  syncedAt: number | null;
  fault: string | null;
};

const pieces =
  "SELECT p.repository_id, p.kind, p.digest, p.size, p.pulled_at FROM last_pulled p WHERE p.upstream = u.name " +
  "AND (p.pulled_at, p.digest, p.repository_id, p.kind) > ($1, $2, $3, $4) AND p.pulled_at < $5 " +
  "ORDER BY p.pulled_at, p.digest, p.repository_id, p.kind LIMIT $6";
/** @param upstreams a query for their names */
const coldest = (upstreams: string) =>
  `WITH RECURSIVE ${upstreams} ` +
  'SELECT r.name AS repository, p.kind, p.digest, p.size, p.pulled_at AS "pulledAt" ' +
  `FROM u CROSS JOIN LATERAL (${pieces}) AS p JOIN repositories r ON r.id = p.repository_id ` +
  "WHERE u.name IS NOT NULL ORDER BY p.pulled_at, p.digest, p.repository_id, p.kind LIMIT $6";
const coldestOfOne = coldest('u (name) AS (SELECT $7::text COLLATE "C")');
// One look into the index for each, however many repositories there are.
const coldestOfAll = coldest(
  "u (name) AS (SELECT min(upstream) FROM repositories WHERE upstream IS NOT NULL UNION ALL " +
    "SELECT (SELECT min(r.upstream) FROM repositories r WHERE r.upstream > u.name) FROM u WHERE u.name IS NOT NULL)",
);

/** Content that came from upstreams of the seam. */
export function postgresCachedContent(db: Database): CachedContent {
  return {
    tag: (repository, tag) =>
      db.row<CachedTag>(
        'SELECT m.digest, m.media_type AS "mediaType", m.size, coalesce(t.checked_at, 0) AS "checkedAt" ' +
          "FROM repositories r JOIN tags t ON t.repository_id = r.id JOIN manifests m ON m.id = t.manifest_id " +
          "WHERE r.name = $1 AND t.name = $2",
        [repository, tag],
      ),

    confirm: (tags) => confirm(db, tags),

    async naming(repository, digest) {
      const row = await db.row<{ digest: Digest }>(
        "SELECT m.digest FROM repositories r JOIN manifest_references f ON f.repository_id = r.id " +
          "JOIN manifests m ON m.id = f.manifest_id WHERE r.name = $1 AND f.digest = $2 LIMIT 1",
        [repository, digest],
      );
      return row?.digest;
    },

    async holder(upstream, digest) {
      const row = await db.row<{ name: RepositoryName }>(
        "SELECT r.name FROM blobs b JOIN repository_blobs l ON l.blob_id = b.id " +
          "JOIN repositories r ON r.id = l.repository_id " +
          "WHERE b.digest = $1 AND NOT b.damaged AND r.upstream = $2 LIMIT 1",
        [digest, upstream],
      );
      return row?.name;
    },

    async repositories(upstream, { last, limit }) {
      const rows = await db.rows<{ name: RepositoryName }>(
        "SELECT name FROM repositories r WHERE upstream = $1 AND name > $2 AND " +
          "(EXISTS (SELECT 1 FROM manifests WHERE repository_id = r.id) OR " +
          "EXISTS (SELECT 1 FROM repository_blobs WHERE repository_id = r.id)) ORDER BY name LIMIT $3",
        [upstream, after(last), limit],
      );
      return rows.map(({ name }) => name);
    },

    async pulled(pulls) {
      for (let i = 0; i < pulls.length; i += pullsAtOnce)
        await notePulls(db, pulls.slice(i, i + pullsAtOnce));
    },

    async usage() {
      const rows = await db.rows<{ upstream: string | null; bytes: number }>(
        "WITH b AS (SELECT digest, upstream, max(size) AS size FROM last_pulled " +
          "WHERE kind = 'blob' AND upstream IS NOT NULL GROUP BY digest, upstream), " +
          "m AS (SELECT upstream, sum(size) AS size FROM last_pulled " +
          "WHERE kind = 'manifest' AND upstream IS NOT NULL GROUP BY upstream), " +
          "each AS (SELECT upstream, size FROM b UNION ALL SELECT upstream, size FROM m), " +
          "once AS (SELECT max(size) AS size FROM b GROUP BY digest UNION ALL SELECT size FROM m) " +
          "SELECT upstream, sum(size)::bigint AS bytes FROM each GROUP BY upstream UNION ALL " +
          "SELECT NULL, coalesce(sum(size), 0)::bigint FROM once ORDER BY upstream",
      );
      const upstreams = rows.flatMap(({ upstream, bytes }) => (upstream === null ? [] : { upstream, bytes }));
      return { total: rows.find(({ upstream }) => upstream === null)?.bytes ?? 0, upstreams };
    },

    async coldest({ upstream, before, limit, after: last }) {
      const values = [...(await keyOf(db, last)), before, limit];
      return upstream === undefined
        ? db.rows<CachedPiece>(coldestOfAll, values)
        : db.rows<CachedPiece>(coldestOfOne, [...values, upstream]);
    },

    evict: (chosen, now) =>
      db.transaction(
        (tx) => evictPieces(tx, chosen, now),
        (done) => done.pieces > 0,
      ),

    async mirrors() {
      const rows = await db.rows<MirrorRow>(
        'SELECT name, tags, platforms, referrers, every_ms AS every, synced_at AS "syncedAt", fault ' +
          "FROM mirrors ORDER BY name",
      );
      return rows.map((row) => ({
        ...row,
        tags: JSON.parse(row.tags) as string[],
        platforms: JSON.parse(row.platforms) as string[],
        syncedAt: row.syncedAt ?? undefined,
        fault: row.fault ?? undefined,
      }));
    },

    async putMirror(mirror) {
      await db.change(
        "INSERT INTO mirrors (name, tags, platforms, referrers, every_ms, synced_at, fault) " +
          "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO UPDATE SET tags = excluded.tags, " +
          "platforms = excluded.platforms, referrers = excluded.referrers, every_ms = excluded.every_ms, " +
          "synced_at = excluded.synced_at, fault = excluded.fault",
        mirrorValues(mirror),
      );
    },

    mirrorSynced: async (mirror) =>
      (await db.change(
        "UPDATE mirrors SET synced_at = $6, fault = $7 WHERE name = $1 AND tags = $2 AND platforms = $3 " +
          "AND referrers = $4 AND every_ms = $5",
        mirrorValues(mirror),
      )) > 0,

    removeMirror: async (name) => (await db.change("DELETE FROM mirrors WHERE name = $1", [name])) > 0,
  };
}

function mirrorValues({ name, tags, platforms, referrers, every, syncedAt, fault }: Mirror) {
  return [
    name,
    JSON.stringify(tags),
    JSON.stringify(platforms),
    referrers,
    every,
    syncedAt ?? null,
    fault ?? null,
  ];
}

/** Under the locks of their repositories, so that no tag moves or goes meanwhile. */
async function confirm(db: Database, tags: readonly TagConfirmed[]): Promise<void> {
  if (tags.length === 0) return;
  const names = tags.map(({ repository }) => repository);
  await db.transaction(async (tx) => {
    await tx.rows("SELECT id FROM repositories WHERE name = ANY ($1::text[]) ORDER BY id FOR NO KEY UPDATE", [
      [...new Set(names)],
    ]);
    await tx.change(
      "UPDATE tags t SET checked_at = greatest(coalesce(t.checked_at, 0), c.at) FROM " +
        "(SELECT name, tag, digest, max(at) AS at " +
        "FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS c (name, tag, digest, at) " +
        "GROUP BY name, tag, digest) AS c JOIN repositories r ON r.name = c.name, manifests m " +
        "WHERE t.repository_id = r.id AND t.name = c.tag AND m.id = t.manifest_id AND m.digest = c.digest",
      [names, tags.map(({ tag }) => tag), tags.map(({ digest }) => digest), tags.map(({ at }) => at)],
    );
  });
}

/** Where a page begins in the order of last pulls. */
async function keyOf(db: Database, last: CachedPiece | undefined): Promise<(string | number)[]> {
  if (last === undefined) return [Number.MIN_SAFE_INTEGER, "", 0, ""];
  const row = await db.row<{ id: number }>("SELECT id FROM repositories WHERE name = $1", [last.repository]);
  return [last.pulledAt, last.digest, row?.id ?? 0, last.kind];
}
