import type { BlobStore } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { BlobFacts, Repositories } from "#core/metadata/repositories.ts";
import { hexOf, type Digest } from "#oci/digest.ts";
import { damageText } from "./damage-text.ts";
import { proveBlob } from "../backup/proved-bytes.ts";
import type { VerifyReport } from "./verify-report.ts";

export interface VerifyBlobsParts {
  repositories: Pick<Repositories, "recordedBlob">;
  store: Pick<BlobStore, "open" | "stat">;
  /** Only the sizes. */
  quick: boolean;
  progress: { add(bytes: number): void };
}

/** Proves blobs, each once however many manifests name it: undefined, or what is wrong in words. */
export type VerifyBlobs = (blob: BlobFacts) => Promise<string | undefined>;

/** What is wrong with a blob, in words that follow its name. */
interface Fault {
  why: string;
  /** Its bytes are missing or others; else they couldn't be read, and may be right. */
  proven: boolean;
}

export function createVerifyBlobs(
  { repositories, store, quick, progress }: VerifyBlobsParts,
  report: Pick<VerifyReport, "blobs" | "bytes">,
  /** Those whose bytes are not theirs are added. */
  wrong: BlobFacts[],
): VerifyBlobs {
  // Some 60 bytes for each blob that is fine.
  const known = new Map<string, Promise<string | undefined> | undefined>();

  async function look({ digest, size, location }: BlobFacts): Promise<void> {
    if (quick) {
      const found = await store.stat(location);
      if (found === undefined) throw new AppError("blob-damaged", "is missing");
      if (found !== size) throw new AppError("blob-damaged", `has ${found} bytes instead of ${size}`);
      return;
    }
    await using opened = await store.open(location);
    await proveBlob(opened, digest, size, (bytes) => progress.add(bytes));
    report.bytes += size;
  }

  async function verify(blob: BlobFacts): Promise<string | undefined> {
    report.blobs++;
    const first = await fault(() => look(blob));
    if (first === undefined) return undefined;
    // Moved to another store or replaced meanwhile: then it is looked at where it is now.
    const now = await repositories.recordedBlob(blob.digest);
    // Evicted from the cache meanwhile: then no repository has it any more.
    if (now === undefined) return undefined;
    const moved = now.location !== blob.location;
    const found = moved ? await fault(() => look(now)) : first;
    if (found?.proven === true) wrong.push(moved ? now : blob);
    return found?.why;
  }

  return async (blob) => {
    const key = shortened(blob.digest);
    if (known.has(key)) return await known.get(key);
    const verdict = verify(blob);
    known.set(key, verdict);
    const found = await verdict;
    if (found === undefined) known.set(key, undefined);
    return found;
  };
}

async function fault(work: () => Promise<void>): Promise<Fault | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { cause, message } = error;
    if (error.code === "blob-damaged") return { why: damageText(error), proven: true };
    // One file or object that can't be read; a store that doesn't answer at all is another matter.
    if (error.code === "storage-failed")
      return {
        why: `can't be read (${cause instanceof Error ? cause.message : message})`,
        proven: false,
      };
    throw error;
  }
}

/** 16 bytes of the digest as text of one byte a character: enough to tell all blobs apart. */
function shortened(digest: Digest): string {
  return Buffer.from(hexOf(digest).slice(0, 32), "hex").toString("latin1");
}
