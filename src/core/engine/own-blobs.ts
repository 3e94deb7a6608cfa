import type { OpenBlob } from "../blob-store.ts";
import type { Digest } from "#oci/digest.ts";

/** The engine's own blobs. Implementation: adapters/engine-content. */
export interface OwnBlobs {
  /** Undefined: it isn't here. */
  open(digest: Digest): Promise<OpenBlob | undefined>;
  /** Bytes; undefined: it isn't here. */
  size(digest: Digest): Promise<number | undefined>;
  /** Durable when it resolves. Throws digest-mismatch when the bytes aren't `digest`; what the body throws. */
  add(digest: Digest | undefined, body: AsyncIterable<Uint8Array>): Promise<{ digest: Digest; size: number }>;
  /** It counts as added now. */
  touch(digest: Digest): Promise<void>;
  /** What is here, and since when (ms). */
  list(): AsyncIterable<{ digest: Digest; size: number; addedAt: number }>;
  /** Open readers go on. Nothing there is fine. */
  remove(digest: Digest): Promise<void>;
}
