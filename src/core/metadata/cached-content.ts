import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { ManifestFacts, Page } from "./repositories.ts";

/** Of what is pulled again within so long (ms) the time isn't recorded again. */
export const pullsApart = 60_000;

/**
 * What is known of content that came from upstreams, beside what `Repositories` knows of it. Repositories are named
 * here by their cached names (core/cached-name.ts); the upstream of one is the first component of its name.
 * Every change is one transaction. Implementations pass test/contract/metadata/cached-content.ts.
 */
export interface CachedContent {
  /** The manifest that the tag names here, and when (ms) the upstream last said so; 0: never. */
  tag(repository: RepositoryName, tag: Tag): Promise<CachedTag | undefined>;
  /** The upstream said at `at` that these tags name these manifests. A tag that names another one by now is left. */
  confirm(tags: TagConfirmed[]): Promise<void>;
  /** Some manifest of the repository that names this digest as its config, layer or child. */
  naming(repository: RepositoryName, digest: Digest): Promise<Digest | undefined>;
  /** A cached repository of the upstream that links the blob, undamaged. */
  holder(upstream: string, digest: Digest): Promise<RepositoryName | undefined>;
  /** Names of cached repositories of the upstream that hold a manifest or a blob, bytewise, after `last`. */
  repositories(upstream: string, page: Page): Promise<RepositoryName[]>;

  // ── eviction ───────────────────────────────────────────────────────────────────────────────────
  /**
   * These blobs and manifests were pulled at `at` (ms). What a manifest names in its repository counts as pulled too,
   * four levels deep. A time less than `pullsApart` after the recorded one isn't written, and what is named isn't
   * looked at then, to spare writes: so a recorded time may lag by up to twice that.
   */
  pulled(pulls: Pulled[]): Promise<void>;
  /** Bytes of what cached repositories hold: each blob counts once for an upstream, and once in all. */
  usage(): Promise<CacheUsage>;
  /**
   * What was pulled least recently (never: when it came), before `before` (ms), oldest first. With an upstream: of it
   * only. Pages by `after`, the last piece of the page before.
   */
  coldest(choice: {
    upstream: string | undefined;
    before: number;
    limit: number;
    after: CachedPiece | undefined;
  }): Promise<CachedPiece[]>;
  /**
   * Takes pieces out of their cached repositories: a manifest with its tags, a blob's link. A piece that was pulled
   * after its `pulledAt`, or isn't there any more, stays. A blob that no repository at all links then is forgotten,
   * and its location is a tombstone (metadata/garbage.ts) from `now` on: a push of the same digest gets a place of its own.
   * Others wait meanwhile: some hundred pieces at a time.
   * @returns bytes of blobs that nobody has any more and of manifests taken out.
   */
  evict(pieces: CachedPiece[], now: number): Promise<{ bytes: number; pieces: number }>;

  // ── mirrors ────────────────────────────────────────────────────────────────────────────────────
  /** By name. */
  mirrors(): Promise<Mirror[]>;
  /** Adds one, or replaces that of the same name. */
  putMirror(mirror: Mirror): Promise<void>;
  /**
   * A round of it ended at `syncedAt` with `fault`, as the mirror says. False, nothing written, when it is wanted
   * otherwise by now (tags, platforms, referrers, every), or not at all.
   */
  mirrorSynced(mirror: Mirror): Promise<boolean>;
  /** False when there is none. */
  removeMirror(name: string): Promise<boolean>;
}

export interface CachedTag extends ManifestFacts {
  checkedAt: number;
}

export interface TagConfirmed {
  repository: RepositoryName;
  tag: Tag;
  digest: Digest;
  at: number;
}

export interface Pulled {
  repository: RepositoryName;
  digest: Digest;
  at: number;
}

export interface CacheUsage {
  /** Bytes in all. */
  total: number;
  upstreams: { upstream: string; bytes: number }[];
}

export interface CachedPiece {
  repository: RepositoryName;
  kind: "blob" | "manifest";
  digest: Digest;
  /** Bytes. */
  size: number;
  /** ms. */
  pulledAt: number;
}

/** What `berth mirror` keeps warm. */
export interface Mirror {
  /** The public name of the upstream's repository, `docker.io/library/alpine`. */
  name: RepositoryName;
  /** Globs over tags. */
  tags: string[];
  /** `linux/amd64`; empty: every platform of an index. */
  platforms: string[];
  /** Signatures and what else refers to the images, too. */
  referrers: boolean;
  /** ms between two rounds. */
  every: number;
  /** When (ms) the last round ended; undefined: never. */
  syncedAt: number | undefined;
  /** What the last round failed with, for people; undefined: nothing. */
  fault: string | undefined;
}
