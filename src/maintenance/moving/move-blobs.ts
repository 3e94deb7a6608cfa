/**
 * Moves blobs from one store to another while both are in use: read and hash → store a copy → one change of
 * metadata swaps the location → the old bytes go later, or stay. Owns nothing between runs: what lies where is
 * in metadata, so a run that was broken off goes on where it was. A crash leaves copies that nobody refers to,
 * never a reference to nothing.
 */
import type { BlobStore, Location } from "#core/blob-store.ts";
import type { Leases } from "#core/metadata/leases.ts";
import type { BlobFacts, Repositories } from "#core/metadata/repositories.ts";
import { inParallel } from "#kit/in-parallel.ts";
import type { Digest } from "#oci/digest.ts";
import { copyBetweenStores, SourceFault } from "./copy-between-stores.ts";
import { createOldCopies } from "./old-copies.ts";
import { recordedBlobs } from "../recorded-blobs.ts";

export interface Side {
  store: BlobStore;
  owns(location: Location): boolean;
}

export interface MoveParts {
  repositories: Pick<Repositories, "recordedBlobs" | "recordedBlob" | "moveBlob">;
  leases: Pick<Leases, "held">;
  from: Side;
  to: Side;
  /** Copies under way at the same time. */
  parallel: number;
  /** How long after its move the old bytes go, ms; undefined: they stay. */
  removeAfter: number | undefined;
  /** Ends the run early: what is half copied is given up, all else stays done. */
  signal: AbortSignal;
  watch?: MoveWatch;
}

/** What goes on, as it goes on. */
export interface MoveWatch {
  bytes(count: number): void;
  /** One blob more is dealt with. */
  blob(): void;
  damaged(blob: DamagedBlob): void;
  /** Nothing is left but so many old copies to remove; the last one's time comes in so many ms. */
  waiting(copies: number, left: number): void;
}

export interface Moved {
  /** That lie in the other store now, and their bytes. */
  blobs: number;
  bytes: number;
  /** That lay there before, or were pushed anew meanwhile. */
  skipped: number;
  /** That were left as they are. */
  damaged: DamagedBlob[];
  /** Old copies that were to go and are still there. */
  notRemoved: number;
  /** Whether the signal ended it. */
  stopped: boolean;
}

export interface DamagedBlob {
  digest: Digest;
  /** As the rest of a sentence: "it has 5 bytes instead of 7". */
  fault: string;
}

/** Throws what either store or metadata throws; what was moved until then stays so. */
export async function moveBlobs(parts: MoveParts): Promise<Moved> {
  const { repositories, leases, from, to, parallel, removeAfter, watch } = parts;
  const moved: Moved = { blobs: 0, bytes: 0, skipped: 0, damaged: [], notRemoved: 0, stopped: false };
  const failed = new AbortController();
  const signal = AbortSignal.any([parts.signal, failed.signal]);
  const old = createOldCopies(from.store, repositories, leases, removeAfter ?? 0, signal);

  async function move(facts: BlobFacts): Promise<void> {
    const { digest, size, location } = facts;
    const onBytes = watch?.bytes.bind(watch);
    const copy = await copyBetweenStores(facts, { from: from.store, to: to.store, signal, onBytes });
    // When this throws nobody knows whether it happened: the copy stays.
    if (!(await repositories.moveBlob(digest, location, copy))) {
      const now = await repositories.recordedBlob(digest);
      if (now?.location !== copy) await to.store.delete(copy);
      moved.skipped++;
      return;
    }
    moved.blobs++;
    moved.bytes += size;
    if (removeAfter !== undefined) old.add(digest, location);
  }

  async function moveOrReport(facts: BlobFacts): Promise<void> {
    try {
      await move(facts);
    } catch (error) {
      if (!(error instanceof SourceFault)) throw error;
      const now = await repositories.recordedBlob(facts.digest);
      if (now?.location !== facts.location) {
        // Pushed anew, or gone, in between: what couldn't be read is nobody's any more.
        moved.skipped++;
      } else {
        const damaged = { digest: facts.digest, fault: error.message };
        moved.damaged.push(damaged);
        watch?.damaged(damaged);
      }
    }
    watch?.blob();
  }

  async function copying(): Promise<void> {
    await inParallel(recordedBlobs(repositories), parallel, async (facts) => {
      signal.throwIfAborted();
      if (from.owns(facts.location)) await moveOrReport(facts);
      else moved.skipped++;
    });
    if (old.count() > 0) watch?.waiting(old.count(), old.left());
  }

  const copied = copying();
  const done = await Promise.allSettled([
    copied,
    old.run(copied).catch((error: unknown) => {
      failed.abort(error);
    }),
  ]);
  // Why it was to end is the caller's own affair; why it had to is not.
  if (!parts.signal.aborted) {
    failed.signal.throwIfAborted();
    const [copies] = done;
    if (copies.status === "rejected") throw copies.reason;
  }
  return { ...moved, notRemoved: old.count(), stopped: parts.signal.aborted };
}

/** How much there is to move, and how many blobs lie elsewhere. */
export async function surveyBlobs(
  repositories: Pick<Repositories, "recordedBlobs">,
  from: Pick<Side, "owns">,
): Promise<{ blobs: number; bytes: number; elsewhere: number }> {
  const found = { blobs: 0, bytes: 0, elsewhere: 0 };
  for await (const { location, size } of recordedBlobs(repositories)) {
    if (from.owns(location)) {
      found.blobs++;
      found.bytes += size;
    } else found.elsewhere++;
  }
  return found;
}
