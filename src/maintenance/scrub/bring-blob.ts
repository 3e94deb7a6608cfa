import type { Location } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { otherBytes } from "../backup/proved-bytes.ts";
import { copyBlob } from "../copy-blob.ts";
import type { ScrubParts } from "./scrub-parts.ts";

/** Bytes that are durable at a place of their own, proved, and nobody's yet. */
export interface Brought {
  location: Location;
  size: number;
  /** "from the upstream docker.io". */
  how: string;
}

/** Repositories asked for one blob. */
const mostAsked = 5;

/** The blob's bytes from an upstream of one of these repositories; undefined: none has them. */
export async function bringFromUpstream(
  { upstream, store, signal }: Pick<ScrubParts, "upstream" | "store" | "signal">,
  repositories: readonly RepositoryName[],
  digest: Digest,
): Promise<Brought | undefined> {
  if (upstream === undefined) return undefined;
  for (const repository of repositories.slice(0, mostAsked)) {
    try {
      const found = await upstream.blob(repository, digest, signal);
      if (found === undefined) continue;
      const { size = Infinity, body, from } = found;
      const source = { size, file: undefined, read: () => body, close: () => Promise.resolve() };
      const copied = await copyBlob(store, source, digest, otherBytes, () => undefined);
      return { ...copied, how: `fetched again from ${from}` };
    } catch (error) {
      signal.throwIfAborted();
      // Another may have it, and the next round asks again.
      if (!(error instanceof AppError)) throw error;
    }
  }
  return undefined;
}

/** A copy of what is stored at another place; undefined when it isn't the blob. */
export async function bringFromStore(
  { store, signal, pace }: Pick<ScrubParts, "store" | "signal" | "pace">,
  location: Location,
  digest: Digest,
): Promise<Brought | undefined> {
  try {
    await using opened = await store.open(location);
    const { size } = opened;
    async function* read(): AsyncGenerator<Uint8Array, void, void> {
      if (size === 0) return;
      for await (const chunk of opened.read(0, size - 1)) {
        await pace.take(chunk.length, signal);
        yield chunk;
      }
    }
    const source = { size, file: undefined, read, close: () => opened.close() };
    const copied = await copyBlob(store, source, digest, otherBytes, () => undefined);
    return { ...copied, how: "from a copy in the store" };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AppError && ["blob-damaged", "storage-failed"].includes(error.code))
      return undefined;
    throw error;
  }
}
