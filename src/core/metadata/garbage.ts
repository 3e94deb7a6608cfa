import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Location } from "../blob-store.ts";

/**
 * What nothing holds any more, and its way out: a link that no manifest names → (last link) the blob's row becomes a
 * tombstone → its bytes are removed → forgotten. Every change looks again, in its transaction, whether what was chosen
 * is still garbage, so what came back to life meanwhile stays. Cached repositories are left to eviction; the engine's
 * (core/engine-name.ts) are like any other. Times are ms. Implementations pass test/contract/metadata/garbage.ts.
 */
export interface Garbage {
  /** Links of blobs that no manifest of their repository names since before `before`; oldest first, after `after`. */
  looseLinks(before: number, limit: number, after: LooseLink | undefined): Promise<LooseLink[]>;
  /**
   * Takes those away that are still loose since before `before`. A blob that no repository links then is forgotten,
   * and its location is a tombstone from `now` on. No event tells of it.
   */
  dropLinks(links: readonly LooseLink[], before: number, now: number): Promise<Dropped>;
  /** Blobs that no repository links since before `before` (somebody deleted the last link), oldest first. */
  looseBlobs(before: number, limit: number): Promise<LooseBlob[]>;
  /** Buries those that still are so. */
  dropBlobs(blobs: readonly LooseBlob[], before: number, now: number): Promise<Dropped>;

  /**
   * Manifests of hosted repositories that no tag, no removed tag, no index and no subject that is there holds; by an
   * order of their own, after `after`. When each was let go: the last of its put, and what released it. Looks at up to
   * `limit` manifests, held ones too, so a page may be short: the end is where `next` is undefined.
   */
  looseManifests(
    limit: number,
    after: number | undefined,
  ): Promise<{ manifests: LooseManifest[]; next: number | undefined }>;
  /** Removes those that are still loose since before `before`, and lets go what they held. The events say so. */
  dropManifests(
    manifests: readonly LooseManifest[],
    before: number,
    now: number,
  ): Promise<{ manifests: number; bytes: number }>;
  /**
   * Somebody was just told that the repository has this (HEAD): when nothing there holds it, it counts as let go from
   * `now` on, unless it does since less than `lag` ms before. Cheap where something holds it. False: it isn't there
   * (any more), so the answer must not be 200.
   */
  touch(
    repository: RepositoryName,
    kind: "blob" | "manifest",
    digest: Digest,
    now: number,
    lag: number,
  ): Promise<boolean>;

  /** Which of these no blob's row and no tombstone names. */
  unknownLocations(locations: readonly Location[]): Promise<Location[]>;
  /** Of these beginnings of locations those that one of a blob's row or of a tombstone begins with (BlobStore.list). */
  knownBeginnings(beginnings: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * These were seen in the store and are unknown: those that were seen so before `before` for the first time, and are
   * unknown still, become tombstones; others are remembered with `now`.
   */
  noteStrays(strays: readonly StoredBytes[], before: number, now: number): Promise<Dropped>;
  /** What was noted as unknown, by location, after `after`. */
  strays(limit: number, after: Location | undefined): Promise<(StoredBytes & { seenAt: number })[]>;
  /** They aren't there, or not strays, any more. */
  forgetStrays(locations: readonly Location[]): Promise<void>;

  /** Where bytes are still to be removed, oldest first, buried before `before`; after `after`. */
  tombstones(before: number, limit: number, after?: Tombstone): Promise<Tombstone[]>;
  /** Their bytes are gone. */
  forgetTombstones(locations: readonly Location[]): Promise<void>;
  /** What waits: for `berth gc` and the page. */
  counts(): Promise<GarbageCounts>;
}

export interface LooseLink {
  repository: RepositoryName;
  digest: Digest;
  /** Bytes. */
  size: number;
  unreferencedAt: number;
  /** Whether another repository links the blob: then its bytes stay. */
  shared: boolean;
}

export interface LooseBlob {
  digest: Digest;
  size: number;
  unreferencedAt: number;
}

export interface LooseManifest {
  id: number;
  repository: RepositoryName;
  digest: Digest;
  size: number;
  /** It refers to a subject, which isn't there (any more). */
  subject: Digest | undefined;
  looseSince: number;
}

export interface StoredBytes {
  location: Location;
  size: number;
}

export interface Tombstone extends StoredBytes {
  buriedAt: number;
}

/** What became of a batch. */
export interface Dropped {
  /** Links, blobs or strays that went. */
  count: number;
  /** Blobs whose bytes nobody has any more, and how many those are. */
  blobs: number;
  bytes: number;
}

export interface GarbageCounts {
  looseLinks: number;
  looseBytes: number;
  tombstones: number;
  tombstoneBytes: number;
  strays: number;
  strayBytes: number;
}
