import { AppError } from "#core/errors.ts";
import type { Location } from "#core/blob-store.ts";
import { createKeyedLock } from "#kit/keyed-lock.ts";
import { inParallel } from "#kit/in-parallel.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { copyBlob, type Copied } from "../copy-blob.ts";
import { damaged } from "./import-damage.ts";
import type { ImportInto, ImportParts } from "./import-parts.ts";
import type { ImportReport } from "./import-report.ts";

/** Blobs of one repository looked up at once; each is a transaction at most. */
const lookedUpAtOnce = 16;
/** Of one repository. */
const copiedAtOnce = 2;

/** What became of a repository's blobs. */
export interface TakenBlobs {
  /** In Berth's repository now; of a dry run, would be. */
  present: Set<Digest>;
  /** The source lists them and has no bytes. */
  gone: Set<Digest>;
}

export interface BlobImport {
  /** Takes over the blobs of a repository. Throws what isn't one blob's fault. */
  take(repository: RepositoryName, digests: readonly Digest[]): Promise<TakenBlobs>;
}

/** One import's blobs: each is copied once, however many repositories have it. */
export function createBlobImport(parts: ImportParts, report: ImportReport): BlobImport {
  const { source, facts, into, clock, by, progress } = parts;
  const oneAtATime = createKeyedLock();
  /** Known to be good: copied by this run, or seen in the store by it. */
  const good = new Set<Digest>();

  /** Links what Berth has already for another repository; false when it has it not, or not in full. */
  async function mounted(repository: RepositoryName, digest: Digest): Promise<boolean> {
    if (into === undefined && good.has(digest)) return true;
    const known = await facts.anyBlob(digest);
    if (known === undefined || known.damaged) return false;
    if (into === undefined) return true;
    if (!good.has(digest) && (await into.store.stat(known.location)) !== known.size) return false;
    if ((await into.repositories.mount(repository, digest, undefined, clock(), by)) === undefined)
      return false;
    good.add(digest);
    return true;
  }

  /** Bytes durable first, then the fact. */
  async function record(
    { repositories, store }: ImportInto,
    repository: RepositoryName,
    digest: Digest,
    { size, location }: Copied,
  ): Promise<void> {
    const before = await repositories.recordedBlob(digest);
    const stored = before && (await store.stat(before.location).catch(() => undefined));
    const replace: Location | undefined =
      before !== undefined && stored !== before.size ? before.location : undefined;
    const add = { repository, digest, size, location, upload: undefined, replace, now: clock(), by };
    const { redundant } = await repositories.addBlob(add);
    if (redundant !== undefined) await store.delete(redundant).catch(() => undefined);
  }

  /** Whether it is in Berth's repository afterwards, or the source has no bytes of it. */
  async function bring(repository: RepositoryName, digest: Digest): Promise<"present" | "gone"> {
    if (await mounted(repository, digest)) {
      report.blobs.mounted++;
      return "present";
    }
    if (into === undefined) {
      const size = await source.size(repository, digest);
      if (size === undefined) return "gone";
      report.bytes += size;
      report.blobs.copied++;
      good.add(digest);
      return "present";
    }
    const blob = await source.open(repository, digest);
    if (blob === undefined) return "gone";
    let told = 0;
    try {
      const copied = await copyBlob(into.store, blob, digest, damaged, (bytes) => {
        told += bytes;
        progress.add(bytes);
      });
      await record(into, repository, digest, copied);
      good.add(digest);
      report.blobs[copied.how]++;
      report.bytes += copied.size;
      return "present";
    } finally {
      // What broke off counts as done, too.
      progress.add(Math.max(0, blob.size - told));
      progress.done();
      await blob.close();
    }
  }

  return {
    async take(repository, digests) {
      const taken: TakenBlobs = { present: new Set(), gone: new Set() };
      const missing: Digest[] = [];
      await inParallel(digests, lookedUpAtOnce, async (digest) => {
        const here = await facts.blob(repository, digest);
        if (here === undefined || here.damaged) missing.push(digest);
        else if ((await into?.touch?.(repository, digest)) === false) missing.push(digest);
        else {
          report.blobs.there++;
          taken.present.add(digest);
        }
      });
      await inParallel(missing, into === undefined ? lookedUpAtOnce : copiedAtOnce, async (digest) => {
        try {
          const outcome = await oneAtATime.run(digest, () => bring(repository, digest));
          taken[outcome].add(digest);
        } catch (error) {
          if (!(error instanceof AppError) || error.code !== "blob-damaged") throw error;
          report.leftOut.push({ repository, subject: digest, why: error.message });
        }
      });
      return taken;
    },
  };
}
