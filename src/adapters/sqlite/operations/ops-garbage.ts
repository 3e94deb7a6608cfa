import type { Location } from "#core/blob-store.ts";
import type { Dropped, LooseBlob, LooseLink, LooseManifest, StoredBytes } from "#core/metadata/garbage.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Connection } from "../connection.ts";
import { eventRows } from "../event-rows.ts";
import { isHeld, looseSince } from "../held-rows.ts";
import { linkMarks } from "../link-marks.ts";
import { manifestRows } from "../manifest-rows.ts";
import { repositoryRows } from "../repository-rows.ts";
import { tombstoneRows } from "../tombstone-rows.ts";

interface Batch<T> {
  chosen: readonly T[];
  before: number;
  now: number;
}

export interface Touch {
  repository: RepositoryName;
  kind: "blob" | "manifest";
  digest: Digest;
  now: number;
}

const nothing = (): Dropped => ({ count: 0, blobs: 0, bytes: 0 });

/** The ways out of what nothing holds. Each looks again whether that is still so. */
export function garbageOperations(db: Connection) {
  const repositories = repositoryRows(db);
  const marks = linkMarks(db);
  const manifests = manifestRows(db);
  const tombstones = tombstoneRows(db);
  const events = eventRows(db);
  const { noteStrays, forgetStrays } = strayOperations(db);
  const loose = db.prepare<[number, string, number], { blobId: number }>(
    "SELECT b.id AS blobId FROM blobs b JOIN repository_blobs l ON l.repository_id = ? AND l.blob_id = b.id " +
      "WHERE b.digest = ? AND l.unreferenced_at < ?",
  );
  const unlink = db.prepare<[number, number]>(
    "DELETE FROM repository_blobs WHERE repository_id = ? AND blob_id = ?",
  );
  const forget = db.prepare<[number], StoredBytes>(
    "DELETE FROM blobs WHERE id = ? AND NOT EXISTS (SELECT 1 FROM repository_blobs WHERE blob_id = blobs.id) " +
      "RETURNING location, size",
  );
  const forgetLoose = db.prepare<[string, number], StoredBytes>(
    "DELETE FROM blobs WHERE digest = ? AND unreferenced_at < ? " +
      "AND NOT EXISTS (SELECT 1 FROM repository_blobs WHERE blob_id = blobs.id) RETURNING location, size",
  );
  const looseManifest = db.prepare<
    [number, string, number],
    { id: number; repositoryId: number; mediaType: string; size: number }
  >(
    "SELECT m.id, m.repository_id AS repositoryId, m.media_type AS mediaType, m.size FROM manifests m " +
      "JOIN repositories r ON r.id = m.repository_id " +
      `WHERE m.id = ? AND m.digest = ? AND r.upstream IS NULL AND ${looseSince} < ? AND NOT ${isHeld}`,
  );
  const touchLink = db.prepare<[{ repositoryId: number; digest: string; now: number }]>(
    "UPDATE repository_blobs SET unreferenced_at = CASE WHEN unreferenced_at < :now THEN :now ELSE unreferenced_at END " +
      "WHERE repository_id = :repositoryId AND blob_id = (SELECT id FROM blobs WHERE digest = :digest)",
  );
  const touchManifest = db.prepare<[{ repositoryId: number; digest: string; now: number }]>(
    "UPDATE manifests SET released_at = max(coalesce(released_at, 0), :now) " +
      "WHERE repository_id = :repositoryId AND digest = :digest",
  );
  const forgetTombstone = db.prepare<[string]>("DELETE FROM tombstones WHERE location = ?");

  function bury(dropped: Dropped, gone: StoredBytes | undefined, now: number): void {
    if (gone === undefined) return;
    tombstones.bury(gone.location, gone.size, now);
    dropped.blobs++;
    dropped.bytes += gone.size;
  }

  return {
    dropLinks({ chosen, before, now }: Batch<LooseLink>): Dropped {
      const dropped = nothing();
      for (const { repository, digest } of chosen) {
        const repositoryId = repositories.find(repository);
        const link = loose.get(repositoryId, digest, before);
        if (link === undefined) continue;
        if (marks.isNamed(repositoryId, digest)) {
          marks.named(repositoryId, digest);
          continue;
        }
        unlink.run(repositoryId, link.blobId);
        dropped.count++;
        bury(dropped, forget.get(link.blobId), now);
      }
      return dropped;
    },

    dropBlobs({ chosen, before, now }: Batch<LooseBlob>): Dropped {
      const dropped = nothing();
      for (const { digest } of chosen) bury(dropped, forgetLoose.get(digest, before), now);
      return { ...dropped, count: dropped.blobs };
    },

    dropManifests({ chosen, before, now }: Batch<LooseManifest>): { manifests: number; bytes: number } {
      const dropped = { manifests: 0, bytes: 0 };
      for (const { id, repository, digest } of chosen) {
        const row = looseManifest.get(id, digest, before);
        if (row === undefined) continue;
        const { repositoryId, mediaType, size } = row;
        manifests.remove({ id, repository, repositoryId, digest }, now);
        dropped.manifests++;
        dropped.bytes += size;
        const gone = { action: "delete", kind: "manifest", repository, digest, mediaType, size } as const;
        events.change(undefined, now, { ...gone, subject: removedBy });
      }
      return dropped;
    },

    touch({ repository, kind, digest, now }: Touch): boolean {
      const repositoryId = repositories.find(repository);
      return (kind === "blob" ? touchLink : touchManifest).run({ repositoryId, digest, now }).changes > 0;
    },

    noteStrays({ chosen, before, now }: Batch<StoredBytes>): Dropped {
      const dropped = nothing();
      for (const stray of chosen) if (noteStrays(stray, before, now)) bury(dropped, stray, now);
      return { ...dropped, count: dropped.blobs };
    },

    forgetStrays({ locations }: { locations: readonly Location[] }): void {
      for (const location of locations) forgetStrays(location);
    },

    forgetTombstones({ locations }: { locations: readonly Location[] }): void {
      for (const location of locations) forgetTombstone.run(location);
    },
  };
}

/** What the events of garbage collection name as what removed it. */
const removedBy = "garbage collection";

function strayOperations(db: Connection) {
  const known = db
    .prepare<[{ location: string }], 0 | 1>(
      "SELECT EXISTS (SELECT 1 FROM blobs WHERE location = :location) " +
        "OR EXISTS (SELECT 1 FROM tombstones WHERE location = :location)",
    )
    .pluck();
  const seenAt = db.prepare<[string], number>("SELECT seen_at FROM strays WHERE location = ?").pluck();
  const note = db.prepare<[string, number, number]>(
    "INSERT INTO strays (location, size, seen_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const forget = db.prepare<[string]>("DELETE FROM strays WHERE location = ?");
  return {
    /** @returns whether it was seen long enough ago, and is unknown still: then it is no stray any more */
    noteStrays({ location, size }: StoredBytes, before: number, now: number): boolean {
      const isKnown = known.get({ location }) === 1;
      const due = !isKnown && (seenAt.get(location) ?? Infinity) < before;
      if (isKnown || due) forget.run(location);
      else note.run(location, size, now);
      return due;
    },
    forgetStrays: (location: Location): void => void forget.run(location),
  };
}

export type GarbageOperations = ReturnType<typeof garbageOperations>;
