import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { Location } from "../blob-store.ts";
import type { BlobFacts, Page } from "./repositories.ts";

/**
 * Facts that must agree with each other and with the bytes: looked at by scrubbing, and set right. Every change looks
 * again in its transaction. Implementations pass test/contract/metadata/fact-checks.ts.
 */
export interface FactChecks {
  /** Every repository that has a row, by name (bytewise), after `last`. */
  repositories(page: Page): Promise<RepositoryName[]>;
  /** Every manifest of the repository, tagged or not, by digest, after `last`. */
  manifests(repository: RepositoryName, page: Page): Promise<Digest[]>;
  /** Tags of the repository whose manifest has no row, by name; at most `limit`. */
  lostTags(repository: RepositoryName, limit: number): Promise<Tag[]>;
  /** Links of the repository by their ids, after `after`; the end is where fewer than `limit` come. */
  links(repository: RepositoryName, after: number | undefined, limit: number): Promise<CheckedLink[]>;
  /**
   * Sets right those of these links that are still wrong: the mark of one that no manifest names becomes `now`, that
   * of one which a manifest names is taken away, and so is a link whose blob has no row. @returns how many were wrong
   */
  mendLinks(repository: RepositoryName, ids: readonly number[], now: number): Promise<number>;
  /** What is counted of the repository and what it really has, where these differ; reads all its links. */
  usage(repository: RepositoryName): Promise<WrongUsage | undefined>;
  mendUsage(repository: RepositoryName): Promise<void>;
  /** Accounts of which something else is counted than they brought; reads all links of all. */
  wrongOwners(): Promise<string[]>;
  mendOwners(): Promise<void>;

  /** The bytes at this location, which the caller proved, are so many. False: they lie elsewhere by now. */
  mendSize(digest: Digest, location: Location, size: number): Promise<boolean>;
  /** What is stored as that manifest, in whatever repositories; may be damaged. */
  manifestCopies(digest: Digest, limit: number): Promise<Uint8Array[]>;
  /**
   * Bytes that the caller proved take the place of what is stored, whose size may have been recorded wrongly: counters
   * are left to `mendUsage`. False: the manifest isn't there any more.
   */
  mendManifest(repository: RepositoryName, digest: Digest, bytes: Uint8Array): Promise<boolean>;
  /** Tags of the repository that lead to a blob or manifest, through indexes too; by name, at most `limit`. */
  tagsReaching(repository: RepositoryName, digest: Digest, limit: number): Promise<Tag[]>;
}

export interface CheckedLink {
  id: number;
  /** Undefined: it has no row. */
  blob: BlobFacts | undefined;
  /** Whether `unreferenced_at` says what is so. */
  marked: "right" | "wrong";
}

export interface RepositoryCounts {
  bytes: number;
  blobs: number;
  manifests: number;
  tags: number;
}

export interface WrongUsage {
  counted: RepositoryCounts;
  real: RepositoryCounts;
}
