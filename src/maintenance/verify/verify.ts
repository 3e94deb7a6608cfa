/**
 * Proves that what tags point to can be pulled: each manifest's bytes are hashed, what they name is looked up
 * in the repository, blobs are read from the store and hashed, each once. May run next to servers. Flow:
 * repository → tag → manifest → children and blobs → findings, told with the tags that have them → marks.
 * What an upstream has too may be absent: it was never asked for, or evicted, and comes when it is pulled.
 */
import type { BlobStore } from "#core/blob-store.ts";
import { cachedName, isCachedName, publicName } from "#core/cached-name.ts";
import { isEngineName } from "#core/engine-name.ts";
import { AppError } from "#core/errors.ts";
import type { BlobFacts, Repositories } from "#core/metadata/repositories.ts";
import { inParallel } from "#kit/in-parallel.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import { algorithmOf, digestOf, parseDigest, type Digest } from "#oci/digest.ts";
import { parseManifest } from "#oci/manifest.ts";
import { isNondistributable } from "#oci/media-type.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { createVerifyBlobs, type VerifyBlobs } from "./verify-blobs.ts";
import { createReport, placeOf, type Finding, type VerifyReport } from "./verify-report.ts";

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
/** Of one manifest. */
const blobsAtOnce = 4;

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

type VerifyManifest = (digest: Digest) => Promise<readonly Finding[]>;

/** Proves manifests of one repository with all below them, each once. */
function createVerifyManifests(
  { repositories, mayLack }: VerifyParts,
  repository: RepositoryName,
  blobs: VerifyBlobs,
  report: VerifyReport,
): VerifyManifest {
  const known = new Map<Digest, Promise<readonly Finding[]>>();
  const allow = mayLack(repository);
  const cached = isCachedName(repository) || isEngineName(repository);

  // Hashed before it is read, so no manifest can name itself.
  async function look(digest: Digest): Promise<readonly Finding[]> {
    report.manifests++;
    const stored = await repositories.manifest(repository, digest);
    const wrong = (why: string): Finding[] => [{ digest, kind: "manifest", why }];
    if (stored === undefined) return cached ? [] : wrong("is missing");
    const bytes = digestOf(algorithmOf(digest), stored.bytes);
    if (bytes !== digest) return wrong(`has other bytes: they are ${bytes}`);
    const parsed = parseManifest(stored.bytes, stored.mediaType);
    if ("fault" in parsed) return wrong(`can't be read: ${parsed.fault}`);

    const findings: Finding[] = [];
    let holes: Set<Digest> | undefined;
    /** Not in the repository: as the rule allows, or not. */
    async function lacking({ digest: of, mediaType }: Descriptor, kind: Finding["kind"]): Promise<void> {
      if (cached) return;
      holes ??= new Set(await repositories.holes(repository, digest));
      const allowed =
        kind === "manifest" ? allow !== "none" : allow === "any" || isNondistributable(mediaType);
      if (holes.has(of) && allowed) report.holes++;
      else {
        const rule = `which policy.missing_references (${allow}) doesn't allow`;
        const pushed = holes.has(of) ? `: it was never pushed there, ${rule}` : "";
        findings.push({ digest: of, kind, why: `isn't in the repository ${repository}${pushed}` });
      }
    }
    const sized = (named: Descriptor, size: number, kind: Finding["kind"]) => {
      if (named.size === size) return true;
      findings.push({ digest: named.digest, kind, why: `has ${size} bytes, ${digest} says ${named.size}` });
      return false;
    };
    async function blob(named: Descriptor, kind: Finding["kind"]): Promise<void> {
      const facts = await repositories.blob(repository, named.digest);
      if (facts === undefined) return lacking(named, kind);
      if (facts.damaged) findings.push({ digest: named.digest, kind, why: "is marked as damaged" });
      else if (sized(named, facts.size, kind)) {
        const why = await blobs(facts);
        if (why !== undefined) findings.push({ digest: named.digest, kind, why });
      }
    }
    for (const child of parsed.manifest.manifests) {
      const facts = await repositories.manifestFacts(repository, child.digest);
      // An index may name what was pushed as a blob.
      if (facts === undefined) await blob(child, "manifest");
      else if (sized(child, facts.size, "manifest")) findings.push(...(await once(child.digest)));
    }
    await inParallel(parsed.manifest.blobs, blobsAtOnce, (named) => blob(named, "blob"));
    return findings;
  }

  function once(digest: Digest): Promise<readonly Finding[]> {
    const before = known.get(digest);
    if (before !== undefined) return before;
    const findings = look(digest);
    known.set(digest, findings);
    return findings;
  }
  return once;
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
