import type {
  Garbage,
  GarbageCounts,
  LooseBlob,
  LooseLink,
  LooseManifest,
  Tombstone,
} from "#core/metadata/garbage.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Database } from "./database.ts";
import { dropBlobs, dropLinks, dropManifests } from "./drop-garbage.ts";
import { isHeld, looseSince } from "./held-rows.ts";
import { strayMethods } from "./strays.ts";

/** What nothing holds, of the seam. */
export function postgresGarbage(db: Database): Garbage {
  return {
    ...strayMethods(db),

    async looseLinks(before, limit, after) {
      const values = [before, limit, ...(await keyOf(db, after))];
      return db.rows<LooseLink>(
        'SELECT r.name AS repository, b.digest, b.size, l.unreferenced_at AS "unreferencedAt", EXISTS (SELECT 1 ' +
          "FROM repository_blobs o WHERE o.blob_id = l.blob_id AND o.repository_id <> l.repository_id) AS shared " +
          "FROM (SELECT repository_id, blob_id, unreferenced_at FROM repository_blobs " +
          "WHERE unreferenced_at < $1 AND (unreferenced_at, repository_id, blob_id) > ($3, $4, $5) " +
          "ORDER BY unreferenced_at, repository_id, blob_id LIMIT $2) AS l " +
          "JOIN repositories r ON r.id = l.repository_id JOIN blobs b ON b.id = l.blob_id " +
          "ORDER BY l.unreferenced_at, l.repository_id, l.blob_id",
        values,
      );
    },

    dropLinks: (links, before, now) => db.transaction((tx) => dropLinks(tx, links, before, now)),

    looseBlobs: (before, limit) =>
      db.rows<LooseBlob>(
        'SELECT digest, size, unreferenced_at AS "unreferencedAt" FROM blobs WHERE unreferenced_at < $1 ' +
          "ORDER BY unreferenced_at LIMIT $2",
        [before, limit],
      ),

    dropBlobs: (blobs, before, now) => db.transaction((tx) => dropBlobs(tx, blobs, before, now)),

    async looseManifests(limit, after = 0) {
      const page = await db.row<{ last: number | null; count: number }>(
        "SELECT max(id) AS last, count(*) AS count " +
          "FROM (SELECT id FROM manifests WHERE id > $1 ORDER BY id LIMIT $2) AS page",
        [after, limit],
      );
      const last = page?.last ?? undefined;
      if (page === undefined || last === undefined) return { manifests: [], next: undefined };
      const rows = await db.rows<Omit<LooseManifest, "subject"> & { subject: Digest | null }>(
        `SELECT m.id, r.name AS repository, m.digest, m.size, m.subject, ${looseSince} AS "looseSince" ` +
          "FROM manifests m JOIN repositories r ON r.id = m.repository_id " +
          `WHERE m.id > $1 AND m.id <= $2 AND r.upstream IS NULL AND NOT ${isHeld} ORDER BY m.id`,
        [after, last],
      );
      const manifests = rows.map((row) => ({ ...row, subject: row.subject ?? undefined }));
      return { manifests, next: page.count < limit ? undefined : last };
    },

    dropManifests: (manifests, before, now) =>
      db.transaction((tx) => dropManifests(tx, manifests, before, now)),

    touch: (repository, kind, digest, now, lag) => touch(db, { repository, kind, digest, now, lag }),

    // What a blob names after all isn't removed.
    tombstones: (before, limit, last) =>
      db.rows<Tombstone>(
        'SELECT location, size, buried_at AS "buriedAt" FROM tombstones t ' +
          "WHERE buried_at < $1 AND (buried_at, location) > ($3, $4) " +
          "AND NOT EXISTS (SELECT 1 FROM blobs b WHERE b.location = t.location) " +
          "ORDER BY buried_at, location LIMIT $2",
        [before, limit, last?.buriedAt ?? Number.MIN_SAFE_INTEGER, last?.location ?? ""],
      ),

    async forgetTombstones(locations) {
      await db.change("DELETE FROM tombstones WHERE location = ANY ($1::text[])", [locations]);
    },

    async counts() {
      const row = await db.row<GarbageCounts>(
        'SELECT l.count + b.count AS "looseLinks", (l.bytes + b.bytes)::bigint AS "looseBytes", ' +
          't.count AS tombstones, t.bytes AS "tombstoneBytes", s.count AS strays, s.bytes AS "strayBytes" FROM ' +
          "(SELECT count(*), coalesce(sum(size), 0) AS bytes FROM repository_blobs l JOIN blobs b ON b.id = l.blob_id " +
          "WHERE l.unreferenced_at IS NOT NULL) AS l, " +
          "(SELECT count(*), coalesce(sum(size), 0) AS bytes FROM blobs WHERE unreferenced_at IS NOT NULL) AS b, " +
          "(SELECT count(*), coalesce(sum(size), 0)::bigint AS bytes FROM tombstones) AS t, " +
          "(SELECT count(*), coalesce(sum(size), 0)::bigint AS bytes FROM strays) AS s",
      );
      if (row === undefined) throw new Error("no counts");
      return row;
    },
  };
}

/** Where a page begins. A blob that is gone altogether has no id any more: those beside it may come again. */
async function keyOf(db: Database, last: LooseLink | undefined): Promise<number[]> {
  if (last === undefined) return [Number.MIN_SAFE_INTEGER, 0, 0];
  const row = await db.row<{ repository: number | null; blob: number | null }>(
    "SELECT (SELECT id FROM repositories WHERE name = $1) AS repository, " +
      "(SELECT id FROM blobs WHERE digest = $2) AS blob",
    [last.repository, last.digest],
  );
  return [last.unreferencedAt, row?.repository ?? 0, row?.blob ?? 0];
}

interface Touched {
  repository: RepositoryName;
  kind: "blob" | "manifest";
  digest: Digest;
  now: number;
  lag: number;
}

const since = {
  blob:
    "SELECT l.unreferenced_at AS at FROM repositories r JOIN repository_blobs l ON l.repository_id = r.id " +
    "JOIN blobs b ON b.id = l.blob_id WHERE r.name = $1 AND b.digest = $2",
  manifest:
    `SELECT CASE WHEN r.upstream IS NULL AND NOT ${isHeld} THEN ${looseSince} END AS at ` +
    "FROM repositories r JOIN manifests m ON m.repository_id = r.id WHERE r.name = $1 AND m.digest = $2",
};
/** Null stays: something holds it by now. */
const refresh = {
  blob:
    "UPDATE repository_blobs l SET unreferenced_at = CASE WHEN l.unreferenced_at < $3 THEN $3 " +
    "ELSE l.unreferenced_at END FROM repositories r, blobs b WHERE r.name = $1 AND b.digest = $2 " +
    "AND l.repository_id = r.id AND l.blob_id = b.id",
  manifest:
    "UPDATE manifests m SET released_at = greatest(m.released_at, $3) FROM repositories r " +
    "WHERE r.name = $1 AND m.repository_id = r.id AND m.digest = $2",
};

/** Waits for who is taking it away at the moment, and then doesn't find it. */
async function touch(db: Database, { repository, kind, digest, now, lag }: Touched): Promise<boolean> {
  const row = await db.row<{ at: number | null }>(since[kind], [repository, digest]);
  if (row === undefined) return false;
  if (row.at === null || row.at > now - lag) return true;
  return (await db.change(refresh[kind], [repository, digest, now])) > 0;
}
