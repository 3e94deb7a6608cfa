import type { Digest } from "#oci/digest.ts";
import type { OpenBlob } from "./blob-store.ts";

/**
 * Blobs outside of the registry, one file or object for each digest: where backups keep them, of any number of
 * snapshots. Implementations: adapters/disk/copies-folder, adapters/s3/copies-bucket.
 */
export interface BlobCopies {
  /** Bytes of the copy that is there; undefined: none. Cheap when digests are asked for in order. */
  size(digest: Digest): Promise<number | undefined>;
  /** Makes the copy, in place of one that is there; nothing under its name before all of `bytes` came. */
  put(digest: Digest, size: number, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  /** The same from a file by a second name for it, where that can be; false: it can't, and nothing was done. */
  link(digest: Digest, file: string): Promise<boolean>;
  /** Errors: blob-damaged when there is none. */
  open(digest: Digest): Promise<OpenBlob>;
  /** The copy's file, where it is one. */
  file(digest: Digest): string | undefined;
  /** Resolves when all that was put and linked is durable. */
  settle(): Promise<void>;
}
