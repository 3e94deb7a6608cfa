import type { BlobStore, Location, OpenBlob } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { BlobFacts } from "#core/metadata/repositories.ts";
import { algorithmOf, digestOf, digestSoFar, hasher, type Digest } from "#oci/digest.ts";

/** The blob's bytes can't be read, or aren't what its digest says. Nothing was stored. */
export class SourceFault extends Error {
  override name = "SourceFault";
}

export interface CopyParts {
  from: BlobStore;
  to: BlobStore;
  signal: AbortSignal;
  /** Told of bytes as they are read. */
  onBytes?: ((count: number) => void) | undefined;
}

/** Up to here a blob is read whole and stored in one go. */
const smallBlob = 1024 * 1024;

/**
 * Copies a blob from one store to another, hashing what is read: the copy's location, durable. Throws SourceFault;
 * the signal's reason; what the other store throws. After any of them nothing is left but what a purge finds.
 */
export async function copyBetweenStores(facts: BlobFacts, parts: CopyParts): Promise<Location> {
  const { from, to } = parts;
  await using blob = await reading(from.open(facts.location));
  if (blob.size !== facts.size) throw new SourceFault(`it has ${blob.size} bytes instead of ${facts.size}`);
  const copy = facts.size <= smallBlob ? copySmall(facts, blob, parts) : copyLarge(facts, blob, to, parts);
  return await copy;
}

async function copySmall({ digest, size }: BlobFacts, blob: OpenBlob, parts: CopyParts): Promise<Location> {
  const bytes = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of bytesOf(blob, parts)) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  check(digest, digestOf(algorithmOf(digest), bytes));
  return parts.to.put(digest, bytes);
}

async function copyLarge(
  { digest, size }: BlobFacts,
  blob: OpenBlob,
  to: BlobStore,
  parts: CopyParts,
): Promise<Location> {
  const algorithm = algorithmOf(digest);
  const hash = hasher(algorithm);
  async function* hashed(): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of bytesOf(blob, parts)) {
      hash.update(chunk);
      yield chunk;
    }
  }
  const handle = to.begin();
  try {
    await to.append(handle, 0, hashed(), { last: true });
    check(digest, digestSoFar(algorithm, hash));
    parts.signal.throwIfAborted();
    return await to.commit(handle, digest, size);
  } catch (error) {
    await to.abort(handle).catch(() => undefined);
    throw error instanceof AppError && error.code === "upload-interrupted" ? error.cause : error;
  }
}

async function* bytesOf(
  blob: OpenBlob,
  { signal, onBytes }: CopyParts,
): AsyncGenerator<Uint8Array, void, void> {
  const chunks = blob.size === 0 ? [] : blob.read(0, blob.size - 1);
  try {
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      yield chunk;
      onBytes?.(chunk.length);
    }
  } catch (error) {
    throw sourceFault(error);
  }
}

async function reading(opening: Promise<OpenBlob>): Promise<OpenBlob> {
  try {
    return await opening;
  } catch (error) {
    throw sourceFault(error);
  }
}

/** A store that can't be reached says nothing of the blob; everything else does. */
function sourceFault(error: unknown): unknown {
  if (!(error instanceof AppError) || (error.code !== "blob-damaged" && error.code !== "storage-failed"))
    return error;
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return new SourceFault(`it can't be read: ${error.message}${cause}`, { cause: error });
}

function check(digest: Digest, found: Digest): void {
  if (found !== digest) throw new SourceFault(`its bytes have the digest ${found}`);
}
