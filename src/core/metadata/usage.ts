import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";

/** How much is used, and by whom. Sizes are bytes. Implementations pass test/contract/metadata/usage.ts. */
export interface Usage {
  /**
   * By name, after `last`: repositories that hold something, as they are stored (a cached one by its cached name,
   * core/cached-name). Cheap: counters.
   */
  repositories(page: {
    limit: number;
    last: string | undefined;
    /** Only names that contain it, where given. */
    contains?: string | undefined;
    /** Cached repositories too. */
    cached?: boolean;
  }): Promise<RepositoryUsage[]>;
  /** One repository in detail; reads all its links. Undefined: there is none. */
  repository(repository: RepositoryName): Promise<RepositoryDetail | undefined>;
  /** What a scope uses now. */
  used(scope: QuotaScope): Promise<Used>;
  /** Every account that brought something, by id. */
  owners(): Promise<(Used & { owner: string })[]>;
  /**
   * Takes away the links to these blobs that this owner brought and no manifest names: the rest of a push that was
   * refused. @param since ms: only younger ones. @param digests only these, where it is known what the push brought
   */
  takeBack(
    repository: RepositoryName,
    owner: string | undefined,
    since: number,
    now: number,
    digests?: readonly Digest[],
  ): Promise<number>;
}

export interface RepositoryUsage {
  name: RepositoryName;
  /** Every blob that it links once, and its manifests. */
  bytes: number;
  blobs: number;
  manifests: number;
  tags: number;
  /** When (ms) something was last pushed or tagged; undefined: nothing is. */
  updatedAt: number | undefined;
}

export interface RepositoryDetail extends RepositoryUsage {
  /** Of `bytes`: manifests, and blobs that no other repository links: what deleting it all would free. */
  ownBytes: number;
  /** Of `bytes`: blobs that others link, too. */
  sharedBytes: number;
  /** Of `ownBytes`: blobs that no manifest names: garbage collection frees them. */
  unreferencedBytes: number;
}

/** What a quota's limit is about. */
export type QuotaScope =
  /** Hosted repositories whose name matches the regular expression, which is anchored. `prefix`: how they all begin. */
  | {
      kind: "repositories";
      pattern: string;
      prefix: string;
      /** The globs that the pattern says, where it came from some: no name makes them slow (kit/glob). */
      globs?: readonly string[];
    }
  /** What this account brought, anywhere. */
  | { kind: "owner"; owner: string };

export interface Used {
  bytes: number;
  tags: number;
}

/** A limit as it reaches the transaction of a push: what a scope may have. */
export interface QuotaFact {
  /** Which quota, for people: its name or key. */
  name: string;
  scope: QuotaScope;
  /** Undefined: any number. */
  bytes: number | undefined;
  tags: number | undefined;
}

/** Why a change would go over: nothing was written. */
export interface OverQuota {
  quota: QuotaFact;
  what: "bytes" | "tags";
  used: number;
  allowed: number;
  /** What the change would add. */
  adding: number;
  /** `adding` is what was known so far: it would be so much or more. */
  atLeast?: boolean;
}
