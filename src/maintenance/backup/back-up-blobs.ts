import type { BlobCopies } from "#core/blob-copies.ts";
import type { BlobStore, Location } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { BlobFacts } from "#core/metadata/repositories.ts";
import { inParallel } from "#kit/in-parallel.ts";
import type { Digest } from "#oci/digest.ts";
import { damageText } from "../verify/damage-text.ts";
import { provedBytes, proveBlob } from "./proved-bytes.ts";

export interface BackUpBlobsParts {
  /** Blobs that the snapshot names, by digest. */
  named: AsyncIterable<BlobFacts>;
  /** What is recorded of a blob now: its bytes may have moved since the snapshot. */
  now(digest: Digest): Promise<BlobFacts | undefined>;
  store: Pick<BlobStore, "open">;
  copies: BlobCopies;
  /** The file that a location is, where it is one of this machine. */
  fileOf(location: Location): string | undefined;
  /** Also read what can be linked, and what was copied before. */
  verify: boolean;
  /** Told as it goes. */
  progress: { add(bytes: number): void; done(): void };
  /** Ends it when it must stop; its reason is thrown. */
  signal: AbortSignal;
}

/** What became of the blobs. */
export interface BlobsBackedUp {
  copied: number;
  linked: number;
  /** There from an earlier backup. */
  kept: number;
  /** Bytes of those copied. */
  bytes: number;
  /** Whose bytes the registry itself hasn't any more; the backup is without them. */
  damaged: { digest: Digest; why: string }[];
}

/** Each takes some MiB of memory. */
const atOnce = 6;

/**
 * Sees that there is a copy of each blob that the snapshot names: what is there with the right size stays, all
 * else is linked or copied, and its digest proved while it is copied. May be run again, and goes on.
 * Errors: what the store or the copies throw, but for single damaged blobs, which are told.
 */
export async function backUpBlobs(parts: BackUpBlobsParts): Promise<BlobsBackedUp> {
  const { named, copies, progress, signal } = parts;
  const report: BlobsBackedUp = { copied: 0, linked: 0, kept: 0, bytes: 0, damaged: [] };
  await inParallel(named, atOnce, async (blob) => {
    signal.throwIfAborted();
    try {
      const how = await backUpBlob(parts, blob);
      report[how]++;
      if (how === "copied") report.bytes += blob.size;
      else progress.add(blob.size);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "blob-damaged") throw error;
      report.damaged.push({ digest: blob.digest, why: damageText(error) });
    }
    progress.done();
  });
  await copies.settle();
  return report;
}

async function backUpBlob(parts: BackUpBlobsParts, blob: BlobFacts): Promise<"copied" | "linked" | "kept"> {
  const { copies, fileOf, verify, store, now, signal } = parts;
  const { digest, size } = blob;
  if ((await copies.size(digest)) === size && (!verify || (await isGood(copies, blob, signal))))
    return "kept";
  const file = fileOf(blob.location);
  if (file !== undefined) {
    const linked = await linkBlob(parts, blob, file).catch((error: unknown) => {
      // Below it is looked for where it may be by now.
      if (error instanceof AppError && error.code === "blob-damaged") return false;
      throw error;
    });
    if (linked) return "linked";
  }
  try {
    await copyFrom(parts, blob);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "blob-damaged") throw error;
    // Moved to another store, or pushed again because it was damaged, while this backup runs.
    const current = await now(digest);
    if (current === undefined || current.location === blob.location) throw error;
    await copyFrom({ ...parts, store }, current);
  }
  return "copied";
}

async function linkBlob(
  { copies, store, verify, signal }: BackUpBlobsParts,
  blob: BlobFacts,
  file: string,
): Promise<boolean> {
  const { digest, size, location } = blob;
  await using opened = await store.open(location);
  if (opened.size !== size)
    throw new AppError("blob-damaged", `has ${opened.size} bytes instead of ${size}`, { subject: digest });
  if (verify) await proveBlob(opened, digest, size, () => signal.throwIfAborted());
  return await copies.link(digest, file);
}

async function copyFrom(
  { copies, store, progress, signal }: BackUpBlobsParts,
  blob: BlobFacts,
): Promise<void> {
  const { digest, size, location } = blob;
  await using opened = await store.open(location);
  const bytes = provedBytes(opened, digest, size, (count) => {
    signal.throwIfAborted();
    progress.add(count);
  });
  await copies.put(digest, size, bytes);
}

/** Whether the copy's bytes are right; a wrong one is made again. */
async function isGood(
  copies: BlobCopies,
  { digest, size }: BlobFacts,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await using opened = await copies.open(digest);
    await proveBlob(opened, digest, size, () => signal.throwIfAborted());
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "blob-damaged") return false;
    throw error;
  }
}
