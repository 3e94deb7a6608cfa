import type { Location } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { SourceBlob } from "#core/registry-source.ts";
import { algorithmOf, digestOf, digestSoFar, hasher, type Digest } from "#oci/digest.ts";
import type { Adopted, ImportStore } from "./importing/import-parts.ts";

/** Up to so many bytes are read first and written in one go. */
const smallLimit = 128 * 1024;

/** A blob whose bytes are durable, and nobody's yet. */
export interface Copied {
  location: Location;
  size: number;
  how: "copied" | Adopted["how"];
}

/**
 * Brings one blob's bytes into the store and proves them by their digest, without copying them where that
 * goes. Nothing stays when they are wrong.
 * @param wrong what is thrown then, from the bytes' own digest.
 * @param moved told of bytes as they come.
 */
export async function copyBlob(
  store: ImportStore,
  blob: SourceBlob,
  digest: Digest,
  wrong: (found: string) => AppError,
  moved: (bytes: number) => void,
): Promise<Copied> {
  const adopted = blob.file === undefined ? undefined : await adopt(store, blob.file, digest, wrong);
  if (adopted !== undefined) {
    moved(adopted.size);
    return adopted;
  }
  if (blob.size <= smallLimit) {
    const bytes = await gather(blob, smallLimit);
    const found = digestOf(algorithmOf(digest), bytes);
    if (found !== digest) throw wrong(found);
    moved(bytes.length);
    return { location: await store.put(digest, bytes), size: bytes.length, how: "copied" };
  }
  const hash = hasher(algorithmOf(digest));
  async function* hashed(): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of blob.read()) {
      hash.update(chunk);
      moved(chunk.length);
      yield chunk;
    }
  }
  const handle = store.begin();
  try {
    const size = await store.append(handle, 0, hashed(), { last: true });
    const found = digestSoFar(algorithmOf(digest), hash);
    if (found !== digest) throw wrong(found);
    return { location: await store.commit(handle, digest, size), size, how: "copied" };
  } catch (error) {
    await store.abort(handle).catch(() => undefined);
    // What the source said is what matters, not that it broke off.
    const { code, cause } = error as { code?: string; cause?: unknown };
    throw code === "upload-interrupted" && cause instanceof AppError ? cause : error;
  }
}

/** All bytes of a blob in memory. Throws blob-damaged when there are more than `most`. */
export async function gather(blob: SourceBlob, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of blob.read()) {
    length += chunk.length;
    if (length > most) throw new AppError("blob-damaged", `it has more than ${most} bytes`);
    chunks.push(Uint8Array.from(chunk));
  }
  return Buffer.concat(chunks, length);
}

async function adopt(
  store: ImportStore,
  file: string,
  digest: Digest,
  wrong: (found: string) => AppError,
): Promise<Copied | undefined> {
  try {
    return await store.adopt?.(file, digest);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "digest-mismatch") throw error;
    throw wrong(error.subject ?? "others");
  }
}
