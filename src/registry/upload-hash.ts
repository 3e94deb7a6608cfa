import type { BlobStore } from "#core/blob-store.ts";
import type { UploadSession } from "#core/metadata/uploads.ts";
import { createBoundedMap } from "#kit/bounded-map.ts";
import { digestSoFar, hasher, type Algorithm, type Digest } from "#oci/digest.ts";

/** A hash over the first `offset` bytes of an upload. */
export interface UploadHash {
  update(chunk: Uint8Array): void;
  /** Of everything so far; the hash can go on. */
  digest(): Digest;
}

/**
 * Hashes of uploads between their requests. A hash cannot leave its process, so the one that received
 * the last bytes keeps it; any other process reads the bytes again, once.
 */
export interface UploadHashes {
  /** The hash at `offset`, or undefined when the store can't read unfinished uploads back. */
  at(session: UploadSession, offset: number): Promise<UploadHash | undefined>;
  keep(id: string, offset: number, hash: UploadHash): void;
  drop(id: string): void;
}

// A kept hash weighs about 1 KiB; sessions beyond this many pay one re-read.
const keptHashes = 2000;

export function createUploadHashes(store: BlobStore): UploadHashes {
  const kept = createBoundedMap<string, { offset: number; hash: UploadHash }>(keptHashes);
  return {
    async at(session, offset) {
      const found = kept.take(session.id);
      // Another process may have gone on from the same place with other bytes: the session says whose count.
      if (found?.offset === offset && session.offset === offset && found.hash.digest() === session.soFar)
        return found.hash;
      return hashOf(store, session, offset, session.algorithm);
    },
    keep: (id, offset, hash) => {
      kept.set(id, { offset, hash });
    },
    drop: (id) => {
      kept.take(id);
    },
  };
}

/** Hashes the first `offset` bytes by reading them back; undefined where the store can't. */
export async function hashOf(
  store: BlobStore,
  session: UploadSession,
  offset: number,
  algorithm: Algorithm,
): Promise<UploadHash | undefined> {
  const hash = newUploadHash(algorithm);
  if (offset === 0) return hash;
  const bytes = store.reread(session.handle, offset);
  if (bytes === undefined) return undefined;
  for await (const chunk of bytes) hash.update(chunk);
  return hash;
}

export function newUploadHash(algorithm: Algorithm): UploadHash {
  const hash = hasher(algorithm);
  return {
    update: (chunk) => {
      hash.update(chunk);
    },
    digest: () => digestSoFar(algorithm, hash),
  };
}
