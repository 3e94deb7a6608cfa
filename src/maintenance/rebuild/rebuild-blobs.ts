/**
 * Makes the blobs of metadata that is older than the store agree with it. Flow: everything that is stored (unknown
 * bytes are noted as strays, other copies remembered) → every recorded blob (is it there? else another copy, proved;
 * else marked as damaged and named).
 */
import type { BlobStore, Location, StoredBlob } from "#core/blob-store.ts";
import type { Clock } from "#core/clock.ts";
import type { FactChecks } from "#core/metadata/fact-checks.ts";
import type { Garbage } from "#core/metadata/garbage.ts";
import type { Housekeeping } from "#core/metadata/housekeeping.ts";
import type { BlobFacts, Repositories } from "#core/metadata/repositories.ts";
import { AppError } from "#core/errors.ts";
import { inParallel } from "#kit/in-parallel.ts";
import type { Digest } from "#oci/digest.ts";
import { proveBlob } from "../backup/proved-bytes.ts";
import { recordedBlobs } from "../recorded-blobs.ts";
import { holdersOf, placesOf } from "../scrub/places.ts";

export interface RebuildParts {
  repositories: Pick<Repositories, "recordedBlob" | "recordedBlobs" | "moveBlob" | "quarantine" | "holders">;
  checks: FactChecks;
  garbage: Pick<Garbage, "noteStrays">;
  housekeeping: Pick<Housekeeping, "found">;
  store: Pick<BlobStore, "list" | "open" | "stat">;
  clock: Clock;
  signal: AbortSignal;
  /** Told as it goes; things are blobs. */
  progress: { add(bytes: number): void; done(): void };
}

export interface BlobsRebuilt {
  /** Where metadata says, with the right size. */
  present: number;
  /** Taken from another place than metadata says. */
  moved: number;
  /** Bytes that no row knows: they came after the snapshot, or were garbage before it. */
  unknown: number;
  unknownBytes: number;
  /** Recorded, and nowhere. */
  missing: MissingBlob[];
  /** Missing ones that are not in the list, because it was too long. */
  moreMissing: number;
}

export interface MissingBlob {
  digest: Digest;
  why: string;
  /** `repository:tag`; the first of them. */
  of: string[];
}

const atOnce = 8;
const straysAtOnce = 200;
/** Other places remembered. */
const mostOthers = 100_000;
const mostMissing = 10_000;

/** Throws the signal's reason; may be run again from its beginning. */
export async function rebuildBlobs(parts: RebuildParts): Promise<BlobsRebuilt> {
  const { repositories, garbage, store, clock, signal, progress } = parts;
  const report: BlobsRebuilt = {
    present: 0,
    moved: 0,
    unknown: 0,
    unknownBytes: 0,
    missing: [],
    moreMissing: 0,
  };
  const others = new Map<Digest, Location[]>();
  let strays: StoredBlob[] = [];

  async function note(): Promise<void> {
    const some = strays;
    strays = [];
    // Seen now for the first time: garbage collection gives them its grace.
    if (some.length > 0) await garbage.noteStrays(some, -1, clock());
  }

  for await (const stored of store.list()) {
    signal.throwIfAborted();
    progress.done();
    const recorded = await repositories.recordedBlob(stored.digest);
    if (recorded?.location === stored.location) continue;
    if (recorded === undefined) {
      report.unknown++;
      report.unknownBytes += stored.size;
    } else if (others.size < mostOthers)
      others.set(stored.digest, [...(others.get(stored.digest) ?? []), stored.location]);
    strays.push(stored);
    if (strays.length >= straysAtOnce) await note();
  }
  await note();
  await inParallel(recordedBlobs(repositories), atOnce, async (blob) => {
    signal.throwIfAborted();
    await settle(parts, blob, others.get(blob.digest) ?? [], report);
    progress.done();
  });
  return report;
}

async function settle(
  parts: RebuildParts,
  blob: BlobFacts,
  others: readonly Location[],
  report: BlobsRebuilt,
): Promise<void> {
  const { repositories, housekeeping, store, clock } = parts;
  const { digest, size, location, damaged } = blob;
  // A location of a store that this configuration hasn't is a fault of the configuration, and thrown.
  const found = await store.stat(location);
  if (!damaged && found === size) {
    report.present++;
    return;
  }
  for (const other of others)
    if (await isSound(parts, blob, other)) {
      await repositories.moveBlob(digest, location, other);
      report.moved++;
      return;
    }
  const holders = await holdersOf({ repositories }, digest);
  await repositories.quarantine(digest, location);
  if (holders.length === 0) return;
  const why =
    found === undefined
      ? "is missing"
      : found === size
        ? "was damaged before"
        : `has ${found} bytes instead of ${size}`;
  await housekeeping.found([{ digest, kind: "blob", repository: undefined, why, foundAt: clock() }]);
  if (report.missing.length >= mostMissing) report.moreMissing++;
  else report.missing.push({ digest, why, of: await placesOf(parts, holders, digest) });
}

async function isSound(
  { store, progress }: RebuildParts,
  { digest, size }: BlobFacts,
  location: Location,
): Promise<boolean> {
  try {
    await using opened = await store.open(location);
    await proveBlob(opened, digest, size, (bytes) => progress.add(bytes));
    return true;
  } catch (error) {
    if (error instanceof AppError && ["blob-damaged", "storage-failed"].includes(error.code)) return false;
    throw error;
  }
}
