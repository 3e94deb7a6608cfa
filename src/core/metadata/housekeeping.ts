import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";

/**
 * Runs of housekeeping as people see them, in progress and after, and the damage that scrubbing knows of.
 * Implementations pass test/contract/metadata/housekeeping.ts.
 */
export interface Housekeeping {
  /** Begins a run of this kind, or tells how far the one that was begun at `startedAt` is. */
  tell(run: HousekeepingRun): Promise<void>;
  runs(): Promise<HousekeepingRun[]>;

  /** Remembers damage; known damage gets the new `why`. */
  found(damage: readonly Damage[]): Promise<void>;
  /** It was repaired, or nobody has it any more. */
  repaired(damage: readonly Pick<Damage, "digest" | "kind" | "repository">[]): Promise<void>;
  /** By digest; at most `limit`. */
  damage(limit: number): Promise<Damage[]>;
}

export type RunKind = "gc" | "scrub" | "retention" | "snapshot";

export interface HousekeepingRun {
  kind: RunKind;
  /** ms. */
  startedAt: number;
  seenAt: number;
  /** Undefined: it goes on (or was killed, when it is silent since a minute). */
  endedAt: number | undefined;
  /** What it does, and has done: names for people and counts, `{ "step": "unused blobs", "blobs": 12, "bytes": 3456 }`. */
  progress: Record<string, string | number>;
  /** Why it ended badly. */
  fault: string | undefined;
}

export interface Damage {
  digest: Digest;
  kind: "blob" | "manifest";
  /** Undefined: of the blob itself, wherever it is linked. */
  repository: RepositoryName | undefined;
  /** "is missing", "has 5 bytes instead of 9", … */
  why: string;
  /** ms. */
  foundAt: number;
}
