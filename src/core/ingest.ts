import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { SpoolFile } from "./spool.ts";

/**
 * The way into a repository for content that nobody pushed: fetched, proved, kept. No policy is asked and no audit
 * line written. Implemented by registry/.
 */
export interface Ingest {
  /** A file for a blob that is being fetched, readable as it grows. */
  begin(): Promise<SpoolFile>;
  /** Links the finished file to the repository as the blob `digest`. The file is used up. */
  addBlob(repository: RepositoryName, digest: Digest, size: number, file: SpoolFile): Promise<void>;
  /** The same for bytes in memory. */
  addSmallBlob(repository: RepositoryName, digest: Digest, bytes: Uint8Array): Promise<void>;
  /** Links a blob that repository `from` has already; false when it hasn't (any more). */
  mountBlob(repository: RepositoryName, digest: Digest, from: RepositoryName): Promise<boolean>;
  /**
   * Stores a manifest, whatever of it the repository lacks, and points the tag to it.
   * Throws manifest-invalid for what is no manifest, digest-mismatch when its bytes aren't `digest`.
   */
  putManifest(put: IngestManifest): Promise<IngestedManifest>;
}

export interface IngestManifest {
  repository: RepositoryName;
  bytes: Uint8Array;
  /** Content-Type without parameters; undefined: unknown. */
  mediaType: string | undefined;
  /** What the bytes must be; undefined: whatever they are, in sha256. */
  digest: Digest | undefined;
  tag: Tag | undefined;
}

export interface IngestedManifest {
  digest: Digest;
  mediaType: string;
  size: number;
}
