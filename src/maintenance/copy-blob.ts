import type { BlobStore, Location } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { SourceBlob } from "#core/registry-source.ts";
import { algorithmOf, digestOf, digestSoFar, hasher, type Digest } from "#oci/digest.ts";
import type { ImportStore } from "./importing/import-parts.ts";

/** A blob that the store has now, durable and proved. */
export interface Copied {
  location: Location;
  /** Bytes. */
  size: number;
  how: "copied" | "linked" | "cloned";
}

/** Up to here a blob is read whole and stored in one go. */
const smallBlob = 1024 * 1024;

/**
 * Brings a blob's bytes into the store: by taking its file over where that goes, else by copying. They are hashed
 * on the way. Throws blob-damaged when they aren't those of the digest, and then keeps nothing.
 * @param seen told of bytes as they go
 */
export async function copyBlob(
  store: ImportStore,
  blob: SourceBlob,
  digest: Digest,
  seen: (bytes: number) => void,
): Promise<Copied> {
  const adopted = blob.file === undefined ? undefined : await adopt(store, blob.file, digest);
  if (adopted !== undefined) {
    seen(adopted.size);
    return adopted;
  }
  if (blob.size <= smallBlob) {
    const bytes = await gather(blob, smallBlob, seen);
    const found = digestOf(algorithmOf(digest), bytes);
    if (found !== digest) throw damaged(found);
    return { location: await store.put(digest, bytes), size: bytes.length, how: "copied" };
  }
  return copyLarge(store, blob, digest, seen);
}

async function adopt(store: ImportStore, file: string, digest: Digest): Promise<Copied | undefined> {
  try {
    return await store.adopt?.(file, digest);
  } catch (error) {
    if (error instanceof AppError && error.code === "digest-mismatch")
      throw damaged(error.subject ?? "others");
    throw error;
  }
}

async function copyLarge(
  store: Pick<BlobStore, "begin" | "append" | "commit" | "abort">,
  blob: SourceBlob,
  digest: Digest,
  seen: (bytes: number) => void,
): Promise<Copied> {
  const algorithm = algorithmOf(digest);
  const hash = hasher(algorithm);
  async function* hashed(): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of blob.read()) {
      hash.update(chunk);
      seen(chunk.length);
      yield chunk;
    }
  }
  const handle = store.begin();
  try {
    const size = await store.append(handle, 0, hashed(), { last: true });
    const found = digestSoFar(algorithm, hash);
    if (found !== digest) throw damaged(found);
    return { location: await store.commit(handle, digest, size), size, how: "copied" };
  } catch (error) {
    await store.abort(handle).catch(() => undefined);
    // What the source said, not that the body broke off.
    throw error instanceof AppError && error.code === "upload-interrupted" ? error.cause : error;
  }
}

/** All bytes of a blob; throws blob-damaged when there are more than `limit`. */
export async function gather(
  blob: SourceBlob,
  limit: number,
  seen: (bytes: number) => void = () => undefined,
): Promise<Uint8Array> {
  if (blob.size > limit) throw new AppError("blob-damaged", `has ${blob.size} bytes, more than ${limit}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of blob.read()) {
    size += chunk.length;
    if (size > limit) throw new AppError("blob-damaged", `has more than ${limit} bytes`);
    chunks.push(Uint8Array.from(chunk));
    seen(chunk.length);
  }
  return Buffer.concat(chunks);
}

/** Bytes that are others than the digest says. @param found their own digest */
export function damaged(found: string): AppError {
  return new AppError("blob-damaged", `has other bytes: they are ${found}`);
}
