import type { Repositories } from "#core/metadata/repositories.ts";
import type { Source } from "#core/source.ts";
import { createBoundedMap } from "#kit/bounded-map.ts";
import type { Digest } from "#oci/digest.ts";
import { indexChildren, platformText } from "#oci/index-children.ts";
import { parseManifest, type ParsedManifest } from "#oci/manifest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { isImageConfig, readConfig } from "./read-config.ts";

/** What people ask of a manifest in a list. */
export interface ImageFacts {
  /** Bytes: an image with config and layers; an index with all that it names and that is here. */
  size: number;
  /** Undefined: it isn't an image. */
  platforms: string[] | undefined;
}

export interface ImageFactsReader {
  /** Undefined: the repository doesn't hold it. */
  of(stored: RepositoryName, digest: Digest): Promise<ImageFacts | undefined>;
}

export interface ImageFactsParts {
  repositories: Pick<Repositories, "manifest" | "manifestFacts">;
  blobs: Pick<Source["blobs"], "open">;
  /** ms since whenever. */
  clock: () => number;
}

/** What is remembered of manifests: a digest always means the same. */
const mostKept = 20_000;
/** Of what may change, because children of an index and what a cache has come and go: so long, ms. */
const passingKept = 2_000;
const passingAge = 10_000;
/** Larger ones are no image that anybody lists: what is inside isn't read. */
const largestRead = 1024 * 1024;
/** Children of an index that are added up, and platforms that are named. */
const mostChildren = 100;
const mostPlatforms = 50;
/** A list reads many of them. */
const largestConfig = 256 * 1024;

export function createImageFacts({ repositories, blobs, clock }: ImageFactsParts): ImageFactsReader {
  const images = createBoundedMap<Digest, ImageFacts>(mostKept);
  /** Of an index's children; nobody asks for their platforms, so their configs aren't read. */
  const sizes = createBoundedMap<Digest, number>(mostKept);
  const passing = createBoundedMap<string, { facts: ImageFacts; until: number }>(passingKept);

  /** Undefined: its size alone is known, because it is too large or another version's rules let it in. */
  async function parsed(stored: RepositoryName, digest: Digest, size: number) {
    const manifest = size > largestRead ? undefined : await repositories.manifest(stored, digest);
    if (manifest === undefined) return undefined;
    const read = parseManifest(manifest.bytes, manifest.mediaType);
    return "fault" in read ? undefined : { bytes: manifest.bytes, manifest: read.manifest };
  }

  async function sizeOf(stored: RepositoryName, digest: Digest): Promise<number> {
    const held = await repositories.manifestFacts(stored, digest);
    if (held === undefined) return 0;
    const known = sizes.get(digest);
    if (known !== undefined) return known;
    const read = await parsed(stored, digest, held.size);
    const size = held.size + (read?.manifest.kind === "image" ? bytesOf(read.manifest) : 0);
    sizes.set(digest, size);
    return size;
  }

  async function ofImage(stored: RepositoryName, own: number, manifest: ParsedManifest) {
    const [config, ...layers] = manifest.blobs;
    const image =
      config === undefined || !isImageConfig(config) || config.size > largestConfig
        ? undefined
        : await readConfig(blobs, stored, config, layers.length);
    const platform = typeof image === "object" ? platformText({ ...image }) : undefined;
    const platforms = platform === undefined ? undefined : [platform];
    return { facts: { size: own + bytesOf(manifest), platforms }, absent: image === "absent" };
  }

  async function ofIndex(stored: RepositoryName, bytes: Uint8Array, { manifests }: ParsedManifest) {
    let size = bytes.length;
    for (const digest of new Set(manifests.slice(0, mostChildren).map((child) => child.digest)))
      size += await sizeOf(stored, digest);
    const platforms = indexChildren(bytes).flatMap(({ platform }) =>
      platform === undefined || platform.startsWith("unknown/") ? [] : [platform],
    );
    const named = [...new Set(platforms)].slice(0, mostPlatforms);
    return { size, platforms: named.length === 0 ? undefined : named };
  }

  return {
    async of(stored, digest) {
      const held = await repositories.manifestFacts(stored, digest);
      if (held === undefined) return undefined;
      const key = `${stored} ${digest}`;
      const known = images.get(digest);
      if (known !== undefined) return known;
      const before = passing.get(key);
      if (before !== undefined && before.until > clock()) return before.facts;
      const read = await parsed(stored, digest, held.size);
      if (read === undefined) return { size: held.size, platforms: undefined };
      const { facts, absent } =
        read.manifest.kind === "index"
          ? { facts: await ofIndex(stored, read.bytes, read.manifest), absent: true }
          : await ofImage(stored, held.size, read.manifest);
      // What isn't here yet may come; what is no config stays none.
      if (absent) passing.set(key, { facts, until: clock() + passingAge });
      else images.set(digest, facts);
      return facts;
    },
  };
}

function bytesOf({ blobs }: ParsedManifest): number {
  return blobs.reduce((sum, { size }) => sum + size, 0);
}
