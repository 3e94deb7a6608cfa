import type { BlobCopies } from "#core/blob-copies.ts";
import type { Location } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { BlobFacts, Repositories } from "#core/metadata/repositories.ts";
import { inParallel } from "#kit/in-parallel.ts";
import type { Digest } from "#oci/digest.ts";
import { copyBlob } from "../copy-blob.ts";
import { recordedBlobs } from "../recorded-blobs.ts";
import { damageText } from "../verify/damage-text.ts";
import type { ImportStore } from "../importing/import-parts.ts";
import { otherBytes, proveBlob } from "./proved-bytes.ts";

export interface RestoreBlobsParts {
  repositories: Pick<Repositories, "recordedBlobs" | "moveBlob" | "quarantine" | "anyBlob">;
  store: ImportStore;
  /** Whether a location is of a store that this configuration has. */
  reaches(location: Location): boolean;
  /** Where lacking bytes come from; undefined: they are only looked for. */
  copies: BlobCopies | undefined;
  /** Told as it goes. */
  progress: { add(bytes: number): void; done(): void };
}

/** What became of the blobs. */
export interface BlobsRestored {
  /** Where metadata says: proved, or, without copies, with the right size. */
  present: number;
  brought: number;
  /** Without bytes that are theirs, though a repository has them; marked, so that the next push of each heals it. */
  missing: { digest: Digest; why: string }[];
}

const atOnce = 6;

/**
 * Sees that each recorded blob has its bytes in the store, which are hashed: where it hasn't, they are brought from
 * `copies`, proved, and metadata learns the new place. Without copies only sizes are compared. May be run again, and goes on. A blob whose bytes are nowhere is
 * marked as damaged: clients see it as unknown and push it again.
 */
export async function restoreBlobs(parts: RestoreBlobsParts): Promise<BlobsRestored> {
  const { repositories, progress } = parts;
  const report: BlobsRestored = { present: 0, brought: 0, missing: [] };
  await inParallel(recordedBlobs(repositories), atOnce, async (blob) => {
    if (await isPresent(parts, blob)) {
      report.present++;
    } else {
      const why = await bring(parts, blob);
      if (why === undefined) report.brought++;
      else {
        if (!blob.damaged) await repositories.quarantine(blob.digest, blob.location);
        // What no repository has any more only waits to be collected.
        if ((await repositories.anyBlob(blob.digest)) !== undefined)
          report.missing.push({ digest: blob.digest, why });
      }
    }
    progress.done();
  });
  return report;
}

async function isPresent(
  { store, reaches, copies, progress }: RestoreBlobsParts,
  { digest, size, location, damaged }: BlobFacts,
): Promise<boolean> {
  if (damaged || !reaches(location)) return false;
  if ((await store.stat(location)) !== size) return false;
  if (copies === undefined) {
    progress.add(size);
    return true;
  }
  try {
    await using opened = await store.open(location);
    await proveBlob(opened, digest, size, (bytes) => progress.add(bytes));
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "blob-damaged") return false;
    throw error;
  }
}

/** Undefined when its bytes are in the store now; else why not, in words that follow its name. */
async function bring(parts: RestoreBlobsParts, blob: BlobFacts): Promise<string | undefined> {
  const { copies, store, repositories, progress } = parts;
  const { digest, size, location } = blob;
  if (copies === undefined) return blob.damaged ? "was damaged before" : "isn't in the store";
  const there = await copies.size(digest);
  if (there === undefined) return "isn't in the backup";
  if (there !== size) return `has ${there} bytes in the backup instead of ${size}`;
  await using opened = await copies.open(digest);
  const source = {
    size,
    file: copies.file(digest),
    read: () => (size === 0 ? nothing() : opened.read(0, size - 1)),
    close: () => opened.close(),
  };
  try {
    const copied = await copyBlob(store, source, digest, otherBytes, (bytes) => progress.add(bytes));
    if (!(await repositories.moveBlob(digest, location, copied.location)))
      await store.delete(copied.location).catch(() => undefined);
    return undefined;
  } catch (error) {
    if (error instanceof AppError && error.code === "blob-damaged")
      return `${damageText(error)}, in the backup`;
    throw error;
  }
}

async function* nothing(): AsyncGenerator<Uint8Array, void, void> {}
