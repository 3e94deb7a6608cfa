import type { BlobStore, Location } from "#core/blob-store.ts";
import type { Garbage, Tombstone } from "#core/metadata/garbage.ts";
import { backupLeases, readingLeases } from "#core/metadata/lease-names.ts";
import type { Leases } from "#core/metadata/leases.ts";
import { inParallel } from "#kit/in-parallel.ts";

export interface BytesParts {
  garbage: Pick<Garbage, "tombstones" | "forgetTombstones">;
  store: Pick<BlobStore, "delete">;
  leases: Pick<Leases, "held">;
}

export interface RemovedBytes {
  /** Blobs whose bytes are gone from the store, and how many bytes those are. */
  removed: number;
  bytes: number;
  /** The call ended because it had done enough: another one goes on at once. */
  more: boolean;
  /** Why bytes of some blob couldn't be removed; the next call tries again. Undefined: nothing failed. */
  failure: unknown;
}

const batch = 500;
const batches = 10;
const atOnce = 8;

/**
 * Removes the bytes of tombstones, whoever buried them: eviction or garbage collection. Not while a backup holds its
 * lease, which may have a snapshot that still names them, nor what a reader holds. Killed in between, the next call
 * removes what is left; a location is never used again, so twice does no harm.
 * @param before ms; of what was buried since, somebody may still be about to read.
 */
export async function removeBytes(
  { garbage, store, leases }: BytesParts,
  before: number,
  signal: AbortSignal,
): Promise<RemovedBytes> {
  const sum = { removed: 0, bytes: 0 };
  for (let round = 0; round < batches; round++) {
    const buried = await garbage.tombstones(before, batch);
    // Looked for after choosing: a backup that begins later has a snapshot without them.
    if (buried.length === 0 || signal.aborted || (await leases.held(backupLeases)).length > 0)
      return { ...sum, more: false, failure: undefined };
    const held = heldLocations(await leases.held(readingLeases));
    const gone: Tombstone[] = [];
    let failure: unknown;
    await inParallel(buried, atOnce, async (tombstone) => {
      if (signal.aborted || held.has(tombstone.location)) return;
      try {
        await store.delete(tombstone.location);
        gone.push(tombstone);
      } catch (error) {
        failure ??= error;
      }
    });
    if (gone.length > 0) await garbage.forgetTombstones(gone.map(({ location }) => location));
    sum.removed += gone.length;
    for (const { size } of gone) sum.bytes += size;
    // What can't be removed comes first the next time again: without this a round might never end.
    if (failure !== undefined || signal.aborted || buried.length < batch || gone.length === 0)
      return { ...sum, more: false, failure };
  }
  return { ...sum, more: true, failure: undefined };
}

/** Of leases named `reading/<location>`, or `reading/<location> <holder>` where each process has one of its own. */
function heldLocations(names: readonly string[]): ReadonlySet<Location> {
  return new Set(names.map((name) => name.slice(readingLeases.length).replace(/ [^ ]*$/, "") as Location));
}
