import type { OpenBlob } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { algorithmOf, digestSoFar, hasher, type Digest } from "#oci/digest.ts";

/**
 * All bytes of a blob in order; throws blob-damaged at the end when they aren't those of the digest, or have
 * another size, so that whoever takes them in must not keep what came before the end.
 * @param seen told of bytes as they go. The message follows the blob's name: "is 3 bytes short".
 */
export async function* provedBytes(
  blob: OpenBlob,
  digest: Digest,
  size: number,
  seen: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, void> {
  if (blob.size !== size) throw new AppError("blob-damaged", `has ${blob.size} bytes instead of ${size}`);
  const algorithm = algorithmOf(digest);
  const hash = hasher(algorithm);
  if (size > 0)
    for await (const chunk of blob.read(0, size - 1)) {
      hash.update(chunk);
      seen(chunk.length);
      yield chunk;
    }
  const found = digestSoFar(algorithm, hash);
  if (found !== digest) throw otherBytes(found);
}

/** Bytes that aren't those of the digest, in words that follow the blob's name. @param found their own digest */
export function otherBytes(found: string): AppError {
  return new AppError("blob-damaged", `has other bytes: they are ${found}`);
}

/** Reads and hashes all of a blob. Throws like provedBytes. */
export async function proveBlob(
  blob: OpenBlob,
  digest: Digest,
  size: number,
  seen: (bytes: number) => void,
): Promise<void> {
  const bytes = provedBytes(blob, digest, size, seen);
  while ((await bytes.next()).done !== true);
}
