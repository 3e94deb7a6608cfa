import type { Location } from "#core/blob-store.ts";
import {
  pullsApart,
  type CachedPiece,
  type Mirror,
  type Pulled,
  type TagConfirmed,
} from "#core/metadata/cached-content.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Connection } from "../connection.ts";
import { pullRows, type Piece } from "../pull-rows.ts";
import { repositoryRows } from "../repository-rows.ts";
import { tombstoneRows } from "../tombstone-rows.ts";

/** Changes of what is known of content that came from upstreams. */
export function cachedOperations(db: Connection) {
  const repositories = repositoryRows(db);
  const evict = evictions(db);
  const confirm = db.prepare<[number, number, string, string]>(
    "UPDATE tags SET checked_at = max(coalesce(checked_at, 0), ?) WHERE repository_id = ? AND name = ? " +
      "AND (SELECT digest FROM manifests WHERE id = manifest_id) = ?",
  );
  const touch = db.prepare<[{ repository: number; digest: string; at: number }]>(
    "UPDATE last_pulled SET pulled_at = :at WHERE digest = :digest AND repository_id = :repository " +
      `AND pulled_at <= :at - ${pullsApart}`,
  );
  const touchNamed = db.prepare<[{ repository: number; digest: string; at: number }]>(
    "WITH RECURSIVE named (digest, depth) AS (SELECT :digest, 0 UNION " +
      "SELECT f.digest, depth + 1 FROM named " +
      "JOIN manifests m ON m.repository_id = :repository AND m.digest = named.digest " +
      "JOIN manifest_references f ON f.manifest_id = m.id WHERE depth < 4) " +
      "UPDATE last_pulled SET pulled_at = :at WHERE digest IN (SELECT digest FROM named WHERE depth > 0) " +
      `AND repository_id = :repository AND pulled_at <= :at - ${pullsApart}`,
  );
  const putMirror = db.prepare<[Record<string, string | number | null>]>(
    "INSERT OR REPLACE INTO mirrors (name, tags, platforms, referrers, every_ms, synced_at, fault) " +
      "VALUES (:name, :tags, :platforms, :referrers, :every, :syncedAt, :fault)",
  );
  const mirrorSynced = db.prepare<[Record<string, string | number | null>]>(
    "UPDATE mirrors SET synced_at = :syncedAt, fault = :fault WHERE name = :name AND tags = :tags " +
      "AND platforms = :platforms AND referrers = :referrers AND every_ms = :every",
  );
  const removeMirror = db.prepare<[string]>("DELETE FROM mirrors WHERE name = ?");

  return {
    confirmTags({ tags }: { tags: TagConfirmed[] }): void {
      for (const { repository, tag, digest, at } of tags)
        confirm.run(at, repositories.find(repository), tag, digest);
    },

    notePulls({ pulls }: { pulls: Pulled[] }): void {
      const ids = new Map<RepositoryName, number>();
      for (const { repository: name, digest, at } of pulls) {
        let repository = ids.get(name);
        if (repository === undefined) ids.set(name, (repository = repositories.find(name)));
        if (touch.run({ repository, digest, at }).changes > 0) touchNamed.run({ repository, digest, at });
      }
    },

    evict({ pieces, now }: { pieces: CachedPiece[]; now: number }): { bytes: number; pieces: number } {
      const evicted = { bytes: 0, pieces: 0 };
      for (const piece of pieces) {
        const bytes = evict(piece, now);
        if (bytes === undefined) continue;
        evicted.bytes += bytes;
        evicted.pieces++;
      }
      return evicted;
    },

    putMirror({ mirror }: { mirror: Mirror }): void {
      putMirror.run(mirrorValues(mirror));
    },

    mirrorSynced: ({ mirror }: { mirror: Mirror }): boolean =>
      mirrorSynced.run(mirrorValues(mirror)).changes > 0,

    removeMirror: ({ name }: { name: string }): boolean => removeMirror.run(name).changes > 0,
  };
}

function mirrorValues(mirror: Mirror): Record<string, string | number | null> {
  return {
    ...mirror,
    tags: JSON.stringify(mirror.tags),
    platforms: JSON.stringify(mirror.platforms),
    referrers: mirror.referrers ? 1 : 0,
    syncedAt: mirror.syncedAt ?? null,
    fault: mirror.fault ?? null,
  };
}

/** Takes one piece out and gives the bytes that nobody needs then; undefined: it stays. */
function evictions(db: Connection) {
  const repositories = repositoryRows(db);
  const pulls = pullRows(db);
  const due = db
    .prepare<[string, number, string, number], number>(
      "SELECT size FROM last_pulled WHERE digest = ? AND repository_id = ? AND kind = ? AND pulled_at <= ? " +
        "AND upstream IS NOT NULL",
    )
    .pluck();
  // Its bytes, references and tags go by ON DELETE CASCADE.
  const removeManifest = db.prepare<[number, string]>(
    "DELETE FROM manifests WHERE repository_id = ? AND digest = ?",
  );
  const blobId = db.prepare<[string], number>("SELECT id FROM blobs WHERE digest = ?").pluck();
  const unlink = db.prepare<[number, number]>(
    "DELETE FROM repository_blobs WHERE repository_id = ? AND blob_id = ?",
  );
  const forget = db.prepare<[number], { location: Location; size: number }>(
    "DELETE FROM blobs WHERE id = ? AND NOT EXISTS (SELECT 1 FROM repository_blobs WHERE blob_id = blobs.id) " +
      "RETURNING location, size",
  );
  const tombstones = tombstoneRows(db);

  return ({ repository, kind, digest, pulledAt }: CachedPiece, now: number): number | undefined => {
    const piece: Piece = { repository, repositoryId: repositories.find(repository), kind, digest };
    const size = due.get(digest, piece.repositoryId, kind, pulledAt);
    if (size === undefined) return undefined;
    pulls.went(piece);
    if (kind === "manifest") {
      removeManifest.run(piece.repositoryId, digest);
      return size;
    }
    const id = blobId.get(digest);
    if (id === undefined) return undefined;
    unlink.run(piece.repositoryId, id);
    const gone = forget.get(id);
    if (gone === undefined) return 0;
    tombstones.bury(gone.location, gone.size, now);
    return gone.size;
  };
}

export type CachedOperations = ReturnType<typeof cachedOperations>;
