import { AppError } from "#core/errors.ts";
import { inParallel } from "#kit/in-parallel.ts";
import { untilAborted } from "#kit/until-aborted.ts";
import type { Digest } from "#oci/digest.ts";
import { parseManifest } from "#oci/manifest.ts";
import { isNondistributable } from "#oci/media-type.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { isCode } from "./faults.ts";
import type { Fill } from "./fill.ts";
import { wantedChildren, type ChildrenWanted } from "./index-children.ts";
import type { WarmProgress, WarmReport } from "./warm-report.ts";

/** Brings manifests with all that hangs on them, once each, and counts. */
export interface Warming {
  readonly report: WarmReport;
  /** The manifests, their children, then all their blobs. Resolves to the digests of those not brought before. */
  bring(wanted: readonly Wanted[]): Promise<Digest[]>;
  /** A few at once; a fault is reported, and the others go on. */
  each<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void>;
}

export interface Wanted {
  reference: Digest | Tag;
  /** Need not be there. */
  optional?: boolean;
}

export interface WarmingParts {
  fill: Fill;
  repository: RepositoryName;
  children: ChildrenWanted;
  progress: WarmProgress;
  signal: AbortSignal;
}

/** At once, of one image. */
const hands = 4;
/** Manifests of one image, with its platforms and all that refers to them. */
const mostManifests = 2_000;
/** Indexes in indexes. */
const deepest = 4;

/** Its verbs throw the signal's reason, and what leaves no hope for the rest: a store that is full or fails. */
export function createWarming(parts: WarmingParts): Warming {
  const { fill, repository, children, progress, signal } = parts;
  const seen = new Set<string>();
  const report: WarmReport = {
    manifests: { fetched: 0, had: 0 },
    blobs: { fetched: 0, had: 0 },
    bytes: 0,
    leftOut: 0,
    faults: [],
  };

  async function each<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
    await inParallel(items, hands, async (item) => {
      signal.throwIfAborted();
      try {
        await work(item);
      } catch (error) {
        if (signal.aborted || isCode(error, "storage-full") || isCode(error, "storage-failed")) throw error;
        report.faults.push(error);
      }
    });
  }

  /** @param blobs gets those that it names @returns its children to take along */
  async function manifest(
    { reference, optional = false }: Wanted,
    blobs: Map<Digest, number>,
    brought: Digest[],
  ): Promise<Digest[]> {
    const found = await untilAborted(fill.manifest(repository, reference), signal).catch((error: unknown) => {
      if (optional && (isCode(error, "manifest-unknown") || isCode(error, "upstream-unknown")))
        return undefined;
      throw error;
    });
    if (found === undefined || (found.digest !== reference && seen.has(found.digest))) return [];
    seen.add(found.digest);
    const state = found.cache?.state;
    if (state === "STALE" && !optional) throw notConfirmed(repository, reference);
    report.manifests[state === "MISS" ? "fetched" : "had"]++;
    if (state === "MISS") report.bytes += found.size;
    const parsed = parseManifest(found.bytes, found.mediaType);
    if ("fault" in parsed)
      throw new AppError("manifest-invalid", `manifest ${found.digest} of ${repository}: ${parsed.fault}`);
    brought.push(found.digest);
    for (const { digest, size, mediaType } of parsed.manifest.blobs) {
      if (isNondistributable(mediaType) || seen.has(digest)) continue;
      seen.add(digest);
      blobs.set(digest, size);
      progress.expect(size);
    }
    return wantedChildren(found.bytes, parsed.manifest.manifests, children);
  }

  async function blob(digest: Digest, size: number): Promise<void> {
    const grew = (bytes: number) => {
      if (signal.aborted) return;
      report.bytes += bytes;
      progress.add(bytes);
    };
    const how = await untilAborted(fill.blob(repository, digest, grew), signal);
    report.blobs[how]++;
    if (how === "had") progress.expect(-size);
  }

  return {
    report,
    each,
    async bring(wanted) {
      const blobs = new Map<Digest, number>();
      const brought: Digest[] = [];
      let level = wanted;
      for (let depth = 0; level.length > 0 && depth < deepest; depth++) {
        const next: Wanted[] = [];
        const fresh = level.filter(({ reference }) => !seen.has(reference));
        const room = Math.max(0, mostManifests - report.manifests.fetched - report.manifests.had);
        report.leftOut += Math.max(0, fresh.length - room);
        await each(fresh.slice(0, room), async (one) => {
          if (seen.has(one.reference)) return;
          seen.add(one.reference);
          const below = await manifest(one, blobs, brought);
          next.push(...below.map((reference) => ({ reference })));
        });
        level = next;
      }
      report.leftOut += level.length;
      await each(blobs, ([digest, size]) => blob(digest, size));
      return brought;
    },
  };
}

function notConfirmed(repository: RepositoryName, reference: string): AppError {
  return new AppError(
    "upstream-failed",
    `the upstream of ${repository}:${reference} could not be asked, refuses it, or has it no more: ` +
      "what is here stays as it is",
    { subject: reference },
  );
}
