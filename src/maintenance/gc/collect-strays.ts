import type { BlobStore, KnownBeginnings, Location, StoredBlob } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { Garbage } from "#core/metadata/garbage.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { Round } from "./round.ts";

export interface StrayParts {
  garbage: Pick<
    Garbage,
    "knownBeginnings" | "unknownLocations" | "noteStrays" | "strays" | "forgetStrays" | "counts"
  >;
  repositories: Pick<Repositories, "count">;
  store: Pick<BlobStore, "list" | "stat">;
  /** Whether what lies there is this registry's to remove; by default all is. */
  mayRemove?: ((location: Location) => boolean) | undefined;
}

/** So many strays are a crash's leavings wherever there is anything at all that is known. */
const fewStrays = 20;
/** Looked at once more before they are told of. */
const fewToLookAt = 10_000;
/** Nothing was seen before. */
const neverYet = 0;

/**
 * Stored bytes that the metadata doesn't know: seen so twice, a grace apart, they go. A blob is stored before it is
 * recorded, so at the first look it may just be about to be. Where most of the store is unknown, it is the database
 * that is wrong or was lost, and nothing goes, unless `all` says so.
 */
export async function collectStrays(parts: StrayParts, all: boolean, round: Round): Promise<void> {
  // What can't be read (a folder of another user) holds up nothing that was seen before.
  const unread = round.dry ? undefined : await look(parts, round).catch(toBeThrown);
  await round.pace.breathe();
  const fault = all ? undefined : await mostUnknown(parts);
  if (fault !== undefined) {
    // Some may be gone, or recorded, since they were noted.
    if (!round.dry && fault.strays <= fewToLookAt) await forget(parts, round);
    const still = await mostUnknown(parts);
    if (still !== undefined) throw wrongDatabase(still);
  }
  await bury(parts, round);
  if (unread !== undefined) throw unread.error;
}

const toBeThrown = (error: unknown) => ({ error });

/** Reads the whole store, asks for each name whether it is known, and remembers those that aren't. */
async function look({ garbage, store, mayRemove }: StrayParts, { clock, pace }: Round): Promise<void> {
  const known: KnownBeginnings = async (beginnings) => {
    const found = await garbage.knownBeginnings(beginnings);
    await pace.breathe();
    return found;
  };
  let strays: StoredBlob[] = [];
  for await (const blob of store.list(known)) {
    if (mayRemove?.(blob.location) === false) continue;
    strays.push(blob);
    if (strays.length >= pace.rows()) await note();
  }
  await note();

  async function note(): Promise<void> {
    if (strays.length === 0) return;
    const noted = strays.map(({ location, size }) => ({ location, size }));
    strays = [];
    await garbage.noteStrays(noted, neverYet, clock());
    await pace.breathe();
  }
}

/** How many are unknown and how many known, where the former are too many to be what a crash left. */
async function mostUnknown({
  garbage,
  repositories,
}: StrayParts): Promise<{ strays: number; blobs: number } | undefined> {
  const { strays } = await garbage.counts();
  if (strays === 0) return undefined;
  const { blobs } = await repositories.count();
  return blobs > 0 && strays <= Math.max(fewStrays, blobs) ? undefined : { strays, blobs };
}

function wrongDatabase({ strays, blobs }: { strays: number; blobs: number }): AppError {
  return new AppError(
    "storage-failed",
    `the store has ${strays} files that the metadata doesn't know, and the metadata knows ${blobs} blobs: none of ` +
      "those files is removed. Is this the right database? Where it was lost, berth rebuild brings back what the " +
      "files are; berth gc --all-strays removes them all the same",
  );
}

async function forget(parts: StrayParts, { pace }: Round): Promise<void> {
  for await (const { gone } of noted(parts, pace.rows, [])) {
    if (gone.length > 0) await parts.garbage.forgetStrays(gone);
    await pace.breathe();
  }
}

/** Those that were seen long enough ago and still are there; what was recorded meanwhile, or is gone, is forgotten. */
async function bury(parts: StrayParts, { rules, past, clock, dry, pace, tally }: Round): Promise<void> {
  const before = past(rules.grace);
  const faults: unknown[] = [];
  for await (const { still, gone } of noted(parts, pace.rows, faults)) {
    const due = still.filter(({ seenAt }) => seenAt < before);
    const strays = due.map(({ location, size }) => ({ location, size }));
    if (strays.length > 0) {
      const dropped = dry
        ? { count: strays.length, bytes: strays.reduce((sum, { size }) => sum + size, 0) }
        : await parts.garbage.noteStrays(strays, before, clock());
      tally.add("stray", dropped.count, dropped.bytes);
      for (const { location } of strays) tally.show("stray", undefined, location);
    }
    if (gone.length > 0 && !dry) await parts.garbage.forgetStrays(gone);
    await pace.breathe();
  }
  if (faults.length > 0) throw faults[0];
}

type Noted = Awaited<ReturnType<Garbage["strays"]>>;

/** What was noted, page by page: what is still there and unknown, and what isn't. @param faults of what can't be looked at */
async function* noted(
  { garbage, store, mayRemove }: StrayParts,
  rows: () => number,
  faults: unknown[],
): AsyncGenerator<{ still: Noted; gone: Location[] }, void, void> {
  let after: Location | undefined;
  for (;;) {
    const limit = rows();
    const page = await garbage.strays(limit, after);
    const unknown = new Set(await garbage.unknownLocations(page.map(({ location }) => location)));
    const still: Noted = [];
    const gone: Location[] = [];
    for (const stray of page) {
      const { location } = stray;
      const there = async () =>
        mayRemove?.(location) !== false &&
        unknown.has(location) &&
        (await store.stat(location)) !== undefined;
      try {
        if (await there()) still.push(stray);
        else gone.push(location);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "storage-failed") throw error;
        if (faults.length === 0) faults.push(error);
      }
    }
    yield { still, gone };
    if (page.length < limit) return;
    after = page.at(-1)?.location;
  }
}
