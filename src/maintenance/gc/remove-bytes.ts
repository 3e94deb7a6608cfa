import type { BlobStore } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { Garbage, Tombstone } from "#core/metadata/garbage.ts";
import { backupLeases } from "#core/metadata/lease-names.ts";
import type { Leases } from "#core/metadata/leases.ts";
import { inParallel } from "#kit/in-parallel.ts";
import { untilAborted } from "#kit/until-aborted.ts";
import { heldLocations } from "../held-locations.ts";

export interface BytesParts {
  garbage: Pick<Garbage, "tombstones" | "forgetTombstones">;
  store: Pick<BlobStore, "delete">;
  leases: Pick<Leases, "held">;
}

export interface RemovedBytes {
  /** Blobs whose bytes are gone from the store, and how many bytes those are. */
  removed: number;
  bytes: number;
  /** The call ended because it had done enough: another one goes on at once, after the last one that was looked at. */
  more: boolean;
  last: Tombstone | undefined;
  /** Why bytes of some blob couldn't be removed; the next call tries again. Undefined: nothing failed. */
  failure: unknown;
}

/** Nothing that could go is left, or nothing can go now. */
const over = { more: false, last: undefined };
const batch = 500;
const batches = 10;
const atOnce = 8;

/**
 * Removes the bytes of tombstones, whoever buried them: eviction or garbage collection. Not while a backup holds its
 * lease, which may have a snapshot that still names them, nor what a reader holds. Killed in between, the next call
 * removes what is left; a location is never used again, so twice does no harm.
 * What is held, or can't be removed, holds up nothing that was buried after it.
 * @param before ms; of what was buried since, somebody may still be about to read.
 * @param after where the call before ended that had done enough
 */
export async function removeBytes(
  { garbage, store, leases }: BytesParts,
  before: number,
  signal: AbortSignal,
  after?: Tombstone,
): Promise<RemovedBytes> {
  const sum = { removed: 0, bytes: 0 };
  let last = after;
  let failure: unknown;
  for (let round = 0; round < batches; round++) {
    const buried = await garbage.tombstones(before, batch, last);
    // Looked for after choosing: a backup that begins later has a snapshot without them.
    if (buried.length === 0 || signal.aborted || (await leases.held(backupLeases)).length > 0)
      return { ...sum, ...over, failure };
    const held = await heldLocations(leases);
    const done: Tombstone[] = [];
    let away = false;
    const deletes = inParallel(buried, atOnce, async (tombstone) => {
      if (away || signal.aborted || held.has(tombstone.location)) return;
      try {
        await store.delete(tombstone.location);
        done.push(tombstone);
      } catch (error) {
        failure ??= error;
        // The store, not one of its files: the others would take as long to fail.
        away ||= error instanceof AppError && error.code === "unavailable";
      }
    });
    // A bucket may be slow to answer: who stops doesn't wait for it.
    await untilAborted(deletes, signal).catch(() => undefined);
    const gone = [...done];
    if (gone.length > 0) await garbage.forgetTombstones(gone.map(({ location }) => location));
    sum.removed += gone.length;
    for (const { size } of gone) sum.bytes += size;
    if (away || signal.aborted || buried.length < batch) return { ...sum, ...over, failure };
    last = buried.at(-1);
  }
  return { ...sum, more: true, last, failure };
}
