import type { Location } from "#core/blob-store.ts";
import type { LooseBlob, LooseLink, LooseManifest, StoredBytes, Tombstone } from "#core/metadata/garbage.ts";
import type { Digest } from "#oci/digest.ts";
import type { Connection } from "../connection.ts";
import { isHeld, looseSince } from "../held-rows.ts";

/** A link's place in the order of those that nothing names. */
export interface LinkKey {
  unreferencedAt: number;
  repositoryId: number;
  blobId: number;
}

export interface MarkedRow extends LinkKey {
  size: number;
}

type LooseRow = Omit<LooseLink, "shared"> & { shared: 0 | 1 };

export interface BytesSum {
  count: number;
  bytes: number;
  /** Where a next page begins; null: this one was empty. */
  last: string | null;
}

export const firstLink: LinkKey = { unreferencedAt: Number.MIN_SAFE_INTEGER, repositoryId: 0, blobId: 0 };

/** Reads of what nothing holds; one statement each, in the order of an index. */
export function garbageReads(db: Connection) {
  // CROSS: the index says the order, so it comes first.
  const links = db.prepare<[number, number, number, number, number], LooseRow>(
    "SELECT r.name AS repository, b.digest, b.size, l.unreferenced_at AS unreferencedAt, EXISTS (SELECT 1 FROM " +
      "repository_blobs o WHERE o.blob_id = l.blob_id AND o.repository_id <> l.repository_id) AS shared " +
      "FROM repository_blobs l INDEXED BY repository_blobs_unreferenced " +
      "CROSS JOIN repositories r ON r.id = l.repository_id CROSS JOIN blobs b ON b.id = l.blob_id " +
      "WHERE l.unreferenced_at < ? AND (l.unreferenced_at, l.repository_id, l.blob_id) > (?, ?, ?) " +
      "ORDER BY l.unreferenced_at, l.repository_id, l.blob_id LIMIT ?",
  );
  const marked = db.prepare<[number, number, number, number], MarkedRow>(
    "SELECT l.unreferenced_at AS unreferencedAt, l.repository_id AS repositoryId, l.blob_id AS blobId, b.size " +
      "FROM repository_blobs l INDEXED BY repository_blobs_unreferenced CROSS JOIN blobs b ON b.id = l.blob_id " +
      "WHERE l.unreferenced_at IS NOT NULL AND (l.unreferenced_at, l.repository_id, l.blob_id) > (?, ?, ?) " +
      "ORDER BY l.unreferenced_at, l.repository_id, l.blob_id LIMIT ?",
  );
  const blobId = db.prepare<[string], number>("SELECT id FROM blobs WHERE digest = ?").pluck();
  const blobs = db.prepare<[number, number], LooseBlob>(
    "SELECT digest, size, unreferenced_at AS unreferencedAt FROM blobs WHERE unreferenced_at < ? " +
      "ORDER BY unreferenced_at LIMIT ?",
  );
  const blobsSum = db.prepare<[], { count: number; bytes: number }>(
    "SELECT count(*) AS count, coalesce(sum(size), 0) AS bytes FROM blobs WHERE unreferenced_at IS NOT NULL",
  );
  const page = db.prepare<[number, number], { last: number | null; count: number }>(
    "SELECT max(id) AS last, count(*) AS count FROM (SELECT id FROM manifests WHERE id > ? ORDER BY id LIMIT ?)",
  );
  const manifests = db.prepare<[number, number], Omit<LooseManifest, "subject"> & { subject: Digest | null }>(
    `SELECT m.id, r.name AS repository, m.digest, m.size, m.subject, ${looseSince} AS looseSince ` +
      "FROM manifests m CROSS JOIN repositories r ON r.id = m.repository_id " +
      `WHERE m.id > ? AND m.id <= ? AND r.upstream IS NULL AND NOT ${isHeld} ORDER BY m.id`,
  );
  const linkSince = db
    .prepare<[number, string], number | null>(
      "SELECT l.unreferenced_at FROM blobs b JOIN repository_blobs l ON l.repository_id = ? AND l.blob_id = b.id " +
        "WHERE b.digest = ?",
    )
    .pluck();
  const manifestSince = db
    .prepare<[number, string], number | null>(
      `SELECT CASE WHEN r.upstream IS NULL AND NOT ${isHeld} THEN ${looseSince} END FROM manifests m ` +
        "CROSS JOIN repositories r ON r.id = m.repository_id WHERE m.repository_id = ? AND m.digest = ?",
    )
    .pluck();
  const knownLocation = db
    .prepare<[{ location: string }], 0 | 1>(
      "SELECT EXISTS (SELECT 1 FROM blobs WHERE location = :location) " +
        "OR EXISTS (SELECT 1 FROM tombstones WHERE location = :location)",
    )
    .pluck();
  const knownBeginning = db
    .prepare<[{ from: string; to: string }], 0 | 1>(
      "SELECT EXISTS (SELECT 1 FROM blobs WHERE location >= :from AND location < :to) " +
        "OR EXISTS (SELECT 1 FROM tombstones WHERE location >= :from AND location < :to)",
    )
    .pluck();
  const strays = db.prepare<[string, number], StoredBytes & { seenAt: number }>(
    "SELECT location, size, seen_at AS seenAt FROM strays WHERE location > ? ORDER BY location LIMIT ?",
  );
  // What a blob names after all isn't removed.
  const tombstones = db.prepare<[number, number, string, number], Tombstone>(
    "SELECT location, size, buried_at AS buriedAt FROM tombstones t " +
      "WHERE buried_at < ? AND (buried_at, location) > (?, ?) " +
      "AND NOT EXISTS (SELECT 1 FROM blobs WHERE location = t.location) ORDER BY buried_at, location LIMIT ?",
  );
  const sumOf = (table: "tombstones" | "strays") =>
    db.prepare<[string, number], BytesSum>(
      "SELECT count(*) AS count, coalesce(sum(size), 0) AS bytes, max(location) AS last " +
        `FROM (SELECT location, size FROM ${table} WHERE location > ? ORDER BY location LIMIT ?)`,
    );
  const sums = { tombstones: sumOf("tombstones"), strays: sumOf("strays") };

  return {
    blobId: (digest: Digest) => blobId.get(digest),

    looseLinks: (before: number, limit: number, after: LinkKey): LooseLink[] =>
      links
        .all(before, after.unreferencedAt, after.repositoryId, after.blobId, limit)
        .map((row) => ({ ...row, shared: Boolean(row.shared) })),
    marked: (after: LinkKey, limit: number) =>
      marked.all(after.unreferencedAt, after.repositoryId, after.blobId, limit),

    looseBlobs: (before: number, limit: number) => blobs.all(before, limit),
    looseBlobsSum: () => blobsSum.get() ?? { count: 0, bytes: 0 },

    looseManifests(limit: number, after: number) {
      const { last, count } = page.get(after, limit) ?? { last: null, count: 0 };
      if (last === null) return { manifests: [], next: undefined };
      const found = manifests.all(after, last).map((row) => ({ ...row, subject: row.subject ?? undefined }));
      return { manifests: found, next: count < limit ? undefined : last };
    },

    /** Since when nothing holds it; null: something does. Undefined: it isn't there. */
    since: (kind: "blob" | "manifest", repositoryId: number, digest: Digest) =>
      (kind === "blob" ? linkSince : manifestSince).get(repositoryId, digest),

    isKnown: (location: Location) => knownLocation.get({ location }) === 1,
    isBeginning: (from: string) => knownBeginning.get({ from, to: `${from}\u{10ffff}` }) === 1,
    strays: (limit: number, after: string) => strays.all(after, limit),
    tombstones: (before: number, limit: number, after: Tombstone | undefined) =>
      tombstones.all(before, after?.buriedAt ?? Number.MIN_SAFE_INTEGER, after?.location ?? "", limit),
    sum: (table: "tombstones" | "strays", after: string, limit: number): BytesSum =>
      sums[table].get(after, limit) ?? { count: 0, bytes: 0, last: null },
  };
}
