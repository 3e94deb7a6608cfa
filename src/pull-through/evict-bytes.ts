import type { BlobStore, Location } from "#core/blob-store.ts";
import type { CachedContent } from "#core/metadata/cached-content.ts";
import { backupLeases } from "#core/metadata/lease-names.ts";
import type { Leases } from "#core/metadata/leases.ts";
import { inParallel } from "#kit/in-parallel.ts";

export interface BytesParts {
  cached: Pick<CachedContent, "evictedBytes" | "bytesRemoved">;
  store: Pick<BlobStore, "delete">;
  leases: Pick<Leases, "held">;
}

const batch = 500;
const batches = 10;
const atOnce = 8;

/**
 * Removes the bytes of forgotten blobs, unless a backup holds them: it may have a snapshot that still names them.
 * Killed in between, the next call removes what is left; a location is never used again, so twice does no harm.
 * @param before ms; of what was forgotten since, somebody may still be about to read.
 * @returns how many are gone, whether more can go at once, and what one couldn't be removed for.
 */
export async function removeEvicted(
  { cached, store, leases }: BytesParts,
  before: number,
  signal: AbortSignal,
): Promise<{ removed: number; more: boolean; failure: unknown }> {
  let removed = 0;
  for (let round = 0; round < batches; round++) {
    const locations = await cached.evictedBytes(before, batch);
    // Looked for after choosing: a backup that begins later has a snapshot without them.
    if (locations.length === 0 || signal.aborted || (await leases.held(backupLeases)).length > 0)
      return { removed, more: false, failure: undefined };
    const gone: Location[] = [];
    let failure: unknown;
    await inParallel(locations, atOnce, async (location) => {
      if (signal.aborted) return;
      try {
        await store.delete(location);
        gone.push(location);
      } catch (error) {
        failure ??= error;
      }
    });
    if (gone.length > 0) await cached.bytesRemoved(gone);
    removed += gone.length;
    // What can't be removed comes first the next time again: without this a round might never end.
    if (failure !== undefined || signal.aborted || locations.length < batch)
      return { removed, more: false, failure };
  }
  return { removed, more: true, failure: undefined };
}
