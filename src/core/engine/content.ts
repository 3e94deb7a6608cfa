import type { OpenBlob } from "../blob-store.ts";
import type { Digest } from "#oci/digest.ts";

/**
 * Bytes that the engine's images are made of, by digest: manifests, configs, compressed layers. What this registry has
 * is held there (a link, no copy); the rest lies in the engine's own folder.
 */
export interface Content {
  /** Undefined: it isn't here. */
  open(digest: Digest): Promise<OpenBlob | undefined>;
  /** All of a small one. */
  read(digest: Digest, most: number): Promise<Uint8Array | undefined>;
  has(digest: Digest): Promise<boolean>;
  /** Keeps bytes; throws digest-mismatch when they aren't `digest` (undefined: whatever they are). */
  add(digest: Digest | undefined, body: AsyncIterable<Uint8Array>): Promise<{ digest: Digest; size: number }>;
  /** Everything that isn't in `needed` and is older than a moment may go. */
  sweep(needed: ReadonlySet<Digest>): Promise<{ freed: number }>;
}
