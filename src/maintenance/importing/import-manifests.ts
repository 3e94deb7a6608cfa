import { AppError } from "#core/errors.ts";
import type { StoredManifest } from "#core/metadata/repositories.ts";
import type { SourceRepository } from "#core/registry-source.ts";
import { inParallel } from "#kit/in-parallel.ts";
import { algorithmOf, digestOf, type Digest } from "#oci/digest.ts";
import { isNondistributable } from "#oci/media-type.ts";
import { parseManifest, type ParsedManifest } from "#oci/manifest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { gather } from "../copy-blob.ts";
import { damaged } from "./import-damage.ts";
import type { TakenBlobs } from "./import-blobs.ts";
import type { ImportParts } from "./import-parts.ts";
import type { ImportReport } from "./import-report.ts";
import type { WantedTag } from "./import-tags.ts";
import { optionalReferences } from "./import-references.ts";

const putAtOnce = 16;

/** Bytes that are what their digest says, as Berth reads them. */
interface ReadManifest {
  bytes: Uint8Array;
  manifest: ParsedManifest;
}

export interface ManifestsOf {
  repository: RepositoryName;
  from: SourceRepository;
  blobs: TakenBlobs;
  /** Takes over a blob that the source had not listed when it was read. */
  bring: (digest: Digest) => Promise<TakenBlobs>;
  tags: ReadonlyMap<Digest, readonly WantedTag[]>;
}

/**
 * Takes over all manifests of a repository, also those without a tag: children before the index that names
 * them, each with the tags that point to it in one transaction. Its subject goes into the referrers list
 * whether or not a tag of the fallback schema (distribution-spec "Referrers Tag Schema") lists it.
 */
export async function importManifests(
  parts: ImportParts,
  report: ImportReport,
  { repository, from, blobs, bring, tags }: ManifestsOf,
): Promise<void> {
  const { source, facts, into, manifestLimit, clock, by } = parts;
  const listed = new Set(from.manifests);
  const linked = new Set(from.blobs);
  /** Whether Berth has it afterwards. */
  const begun = new Map<Digest, Promise<boolean>>();

  /** Undefined, and told of, where the source has none or Berth takes none. */
  async function read(digest: Digest): Promise<ReadManifest | undefined> {
    const blob = await source.open(repository, digest);
    if (blob === undefined) {
      report.lacking.push({
        repository,
        subject: digest,
        why: "the manifest's bytes are not there any more",
      });
      return undefined;
    }
    let bytes: Uint8Array;
    try {
      bytes = await gather(blob, manifestLimit);
    } finally {
      await blob.close();
    }
    const found = digestOf(algorithmOf(digest), bytes);
    if (found !== digest) throw damaged(found);
    const parsed = parseManifest(bytes, undefined);
    if ("fault" in parsed) throw new AppError("manifest-invalid", `the manifest is refused: ${parsed.fault}`);
    return { bytes, manifest: parsed.manifest };
  }

  /**
   * Brings what was pushed while this repository was read, and tells what the manifest names that this
   * repository of Berth's will not have.
   */
  async function catchUp(digest: Digest, { manifest }: ReadManifest): Promise<void> {
    const lacks = (named: Digest) =>
      void report.lacking.push({
        repository,
        subject: digest,
        why: `it names ${named}, which the source doesn't have`,
      });
    for (const { digest: blob, mediaType } of manifest.blobs) {
      if (blobs.present.has(blob)) continue;
      if (linked.has(blob) && !blobs.gone.has(blob)) continue; // left out, which was said
      if ((await facts.blob(repository, blob)) !== undefined) continue;
      if (!linked.has(blob) && (await source.lists(repository, "blob", blob))) {
        linked.add(blob);
        if ((await bring(blob)).present.has(blob)) blobs.present.add(blob);
        else blobs.gone.add(blob);
        if (blobs.present.has(blob)) continue;
      }
      if (!isNondistributable(mediaType)) lacks(blob);
    }
    for (const { digest: child } of manifest.manifests) {
      if (listed.has(child) || linked.has(child)) continue; // there, or told of by itself
      if ((await facts.manifestFacts(repository, child)) !== undefined) continue;
      if (await source.lists(repository, "manifest", child)) listed.add(child);
      else lacks(child);
    }
  }

  async function put(digest: Digest, { bytes, manifest }: ReadManifest): Promise<boolean> {
    const own = tags.get(digest) ?? [];
    const { mediaType, subject, artifactType, annotations } = manifest;
    if (into !== undefined) {
      const outcome = await into.repositories.putManifest({
        repository,
        digest,
        mediaType,
        size: bytes.length,
        bytes,
        subject,
        artifactType,
        annotations: annotations === undefined ? undefined : JSON.stringify(annotations),
        // What was brought has to be there still: until now nothing named it, and others clean up meanwhile.
        references: optionalReferences(manifest).map((one) =>
          one.kind === "blob" ? { ...one, required: blobs.present.has(one.digest) } : one,
        ),
        tags: own.map(({ name, was }) => ({ name, was })),
        expect: undefined,
        now: clock(),
        by,
      });
      if (outcome.outcome === "changed")
        throw new AppError("busy", `the tag ${outcome.reference} was moved meanwhile: run the import again`);
      if (outcome.outcome === "wrong-size") {
        const [first] = outcome.references;
        throw new AppError(
          "manifest-invalid",
          `the manifest is refused: it says ${first?.digest} has ${first?.size} bytes, it has ${first?.stored}`,
        );
      }
      if (outcome.outcome === "missing")
        throw new AppError(
          "busy",
          `blob ${outcome.references[0]?.digest} was removed meanwhile, because nothing named it yet: run the import again`,
        );
    }
    report.tags.set += own.length;
    return true;
  }

  async function take(digest: Digest): Promise<boolean> {
    const known = await facts.manifestFacts(repository, digest);
    if (known !== undefined && !tags.has(digest)) {
      report.manifests.there++;
      return true;
    }
    try {
      const found = known === undefined ? await read(digest) : await readBack(digest);
      if (found === undefined)
        return leaveTags(digest, "lacking", `it points to ${digest}, which is not there`);
      if (known === undefined) await catchUp(digest, found);
      for (const child of found.manifest.manifests)
        if (listed.has(child.digest) || linked.has(child.digest)) await taken(child.digest);
      await put(digest, found);
      report.manifests[known === undefined ? "stored" : "there"]++;
      return true;
    } catch (error) {
      if (!(error instanceof AppError) || !ofOne.has(error.code)) throw error;
      report.leftOut.push({ repository, subject: digest, why: error.message });
      return leaveTags(digest, "leftOut", `it points to ${digest}, which was left out`);
    }
  }

  function leaveTags(digest: Digest, list: "leftOut" | "lacking", why: string): false {
    for (const { name } of tags.get(digest) ?? []) report[list].push({ repository, subject: name, why });
    return false;
  }

  /** What Berth has already is read there. */
  async function readBack(digest: Digest): Promise<ReadManifest | undefined> {
    const stored: StoredManifest | undefined = await facts.manifest(repository, digest);
    if (stored === undefined) return read(digest);
    const parsed = parseManifest(stored.bytes, stored.mediaType);
    if ("fault" in parsed) throw new AppError("manifest-invalid", parsed.fault);
    return { bytes: stored.bytes, manifest: parsed.manifest };
  }

  function taken(digest: Digest): Promise<boolean> {
    let outcome = begun.get(digest);
    if (outcome === undefined) begun.set(digest, (outcome = take(digest)));
    return outcome;
  }

  // Distribution 2.1.0 kept manifests among the blobs; tags and indexes still lead to them.
  await inParallel(new Set([...from.manifests, ...tags.keys()]), putAtOnce, async (digest) => {
    await taken(digest);
  });
}

/** Faults of one manifest, not of the import. */
const ofOne = new Set(["blob-damaged", "manifest-invalid", "busy"]);
