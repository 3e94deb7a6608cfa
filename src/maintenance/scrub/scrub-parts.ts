import type { BlobStore, KnownBeginnings } from "#core/blob-store.ts";
import type { Clock } from "#core/clock.ts";
import type { CachedContent } from "#core/metadata/cached-content.ts";
import type { FactChecks } from "#core/metadata/fact-checks.ts";
import type { Housekeeping } from "#core/metadata/housekeeping.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Pace } from "./pace.ts";

export interface ScrubParts {
  repositories: Pick<
    Repositories,
    | "recordedBlob"
    | "recordedBlobs"
    | "holders"
    | "blob"
    | "manifest"
    | "manifestFacts"
    | "holes"
    | "quarantine"
    | "moveBlob"
    | "mount"
    | "addBlob"
  >;
  checks: FactChecks;
  cached: Pick<CachedContent, "naming">;
  housekeeping: Pick<Housekeeping, "found" | "repaired" | "damage">;
  store: Pick<
    BlobStore,
    "open" | "stat" | "list" | "begin" | "append" | "commit" | "abort" | "put" | "delete"
  >;
  /** What the store needn't tell of when copies are looked for: garbage.knownBeginnings. */
  known: KnownBeginnings | undefined;
  /** Where content that came from elsewhere is had again; undefined: there is no such place. */
  upstream: UpstreamContent | undefined;
  /** Of reading blobs. */
  pace: Pace;
  clock: Clock;
  /** Only sizes of blobs; one that is wrong is read all the same. */
  quick: boolean;
  /** What is counted is compared in repositories with up to so many links: SQLite reads them all in one go. */
  countedLinks: number;
  /** Set right what can be; else nothing is changed at all. */
  repair: boolean;
  signal: AbortSignal;
  /** Told as it goes; things are blobs and manifests. */
  progress: { add(bytes: number): void; done(): void };
}

/** What upstreams have of repositories here, by their names here. Undefined: it isn't one of an upstream, or not to be had. */
export interface UpstreamContent {
  blob(
    repository: RepositoryName,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<{ size: number | undefined; from: string; body: AsyncIterable<Uint8Array> } | undefined>;
  manifest(
    repository: RepositoryName,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<{ from: string; bytes: Uint8Array } | undefined>;
}
