/**
 * Proves that what tags point to can be pulled: each manifest's bytes are hashed, what they name is looked up
 * in the repository, blobs are read from the store and hashed, each once. May run next to servers. Flow:
 * repository → tag → manifest → children and blobs → findings, told with the tags that have them → marks.
 * What an upstream has too may be absent: it was never asked for, or evicted, and comes when it is pulled.
 */
import type { BlobStore } from "#core/blob-store.ts";
import { cachedName, publicName } from "#core/cached-name.ts";
import { AppError } from "#core/errors.ts";
import type { BlobFacts, Repositories } from "#core/metadata/repositories.ts";
import { inParallel } from "#kit/in-parallel.ts";
import { parseDigest, type Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { createVerifyBlobs } from "./verify-blobs.ts";
import { createVerifyManifests, type VerifyManifest } from "./verify-manifests.ts";
import { createReport, placeOf, type VerifyReport } from "./verify-report.ts";

export interface VerifyParts {
  repositories: Pick<
    Repositories,
    "catalog" | "exists" | "tags" | "manifest" | "manifestFacts" | "holes" | "blob" | "recordedBlob"
  >;
  store: Pick<BlobStore, "open" | "stat">;
  /** Compare the sizes of blobs only; manifests are hashed all the same. */
  quick: boolean;
  /** What the manifests of a repository may lack, by policy.missing_references. */
  mayLack(repository: RepositoryName): "none" | "index" | "any";
  /** Marks blobs whose bytes are missing or wrong as damaged, and says how many; undefined: nothing is marked. */
  mark: ((wrong: readonly BlobFacts[]) => Promise<number>) | undefined;
  /** Told as it goes; a thing is a tag. */
  progress: { add(bytes: number): void; done(): void };
}

/** A repository with all its tags, or one manifest of it. */
export interface VerifyTarget {
  repository: RepositoryName;
  reference: Tag | Digest | undefined;
}

const page = 1_000;
const tagsAtOnce = 4;

/** @param targets all repositories where undefined. Throws manifest-unknown for one that isn't there. */
export async function verify(
  parts: VerifyParts,
  targets: readonly VerifyTarget[] | undefined,
): Promise<VerifyReport> {
  const { repositories, progress } = parts;
  const { report, found } = createReport();
  const wrong: BlobFacts[] = [];
  const blobs = createVerifyBlobs(parts, report, wrong);

  async function repository(name: RepositoryName, references: AsyncIterable<Tag | Digest>): Promise<number> {
    report.repositories++;
    let seen = 0;
    const manifest = createVerifyManifests(parts, name, blobs, report);
    await inParallel(references, tagsAtOnce, async (reference) => {
      seen++;
      await one(name, reference, manifest);
      progress.done();
    });
    return seen;
  }

  /** Twice at most: next to a server a tag may move, and what it pointed to go, while it is looked at. */
  async function one(name: RepositoryName, reference: Tag | Digest, manifest: VerifyManifest): Promise<void> {
    if (parseDigest(reference) === undefined) report.tags++;
    let digest = (await repositories.manifestFacts(name, reference))?.digest;
    for (let look = 1; digest !== undefined; look++) {
      const findings = await manifest(digest);
      if (findings.length === 0) return;
      const now = (await repositories.manifestFacts(name, reference))?.digest;
      if (now === digest || look === 2) {
        for (const finding of findings) found(finding, placeOf(name, reference));
        return;
      }
      digest = now;
    }
  }

  if (targets === undefined) {
    for await (const name of pages((last) => repositories.catalog({ limit: page, last })))
      await repository(name, tagsOf(parts, name));
  }
  for (const { repository: name, reference } of targets ?? []) {
    const places = await placesOf(parts, name);
    let seen = 0;
    for (const place of places) {
      if (reference === undefined) seen += await repository(place, tagsOf(parts, place));
      else if ((await repositories.manifestFacts(place, reference)) !== undefined)
        seen += await repository(place, only(reference));
    }
    if (places.length === 0) throw new AppError("repository-unknown", `there is no repository ${name}`);
    if (seen === 0 && reference !== undefined)
      throw new AppError("manifest-unknown", `there is no ${placeOf(name, reference)}`);
    if (seen === 0) throw new AppError("manifest-unknown", `the repository ${name} has no tags`);
  }
  await markWrong(parts, wrong, report);
  return report;
}

async function markWrong(
  { mark, quick, store }: VerifyParts,
  wrong: readonly BlobFacts[],
  report: VerifyReport,
): Promise<void> {
  if (mark === undefined || quick || wrong.length === 0) return;
  if (wrong.length === report.blobs && report.blobs > 1 && (await isEmpty(store, wrong))) {
    report.notMarked = "not one blob is there: is this the right place, and is its disk mounted?";
    return;
  }
  try {
    report.marked = await mark(wrong);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    report.notMarked = error.message;
  }
}

async function isEmpty(store: Pick<BlobStore, "stat">, wrong: readonly BlobFacts[]): Promise<boolean> {
  for (const { location } of wrong) if ((await store.stat(location)) !== undefined) return false;
  return true;
}

/** Where content of this name is: hosted, of an upstream, or both. */
async function placesOf({ repositories }: VerifyParts, name: RepositoryName): Promise<RepositoryName[]> {
  const places: RepositoryName[] = [];
  for (const place of new Set([name, cachedName(publicName(name))]))
    if (await repositories.exists(place)) places.push(place);
  return places;
}

function tagsOf({ repositories }: VerifyParts, name: RepositoryName): AsyncIterable<Tag> {
  return pages((last) => repositories.tags(name, { limit: page, last }));
}

async function* only<T>(one: T): AsyncGenerator<T, void, void> {
  yield one;
}

async function* pages<T extends string>(
  read: (last: string | undefined) => Promise<T[]>,
): AsyncGenerator<T, void, void> {
  let last: string | undefined;
  for (;;) {
    const names = await read(last);
    yield* names;
    last = names.at(-1);
    if (names.length < page) return;
  }
}
