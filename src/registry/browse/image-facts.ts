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
}

/** What is remembered of images: a digest always means the same. */
const mostKept = 20_000;
/** Larger ones are no image that anybody lists: what is inside isn't read. */
const largestRead = 1024 * 1024;
/** Children of an index that are added up. */
const mostChildren = 100;
/** A list reads many of them. */
const largestConfig = 256 * 1024;

export function createImageFacts({ repositories, blobs }: ImageFactsParts): ImageFactsReader {
  const images = createBoundedMap<Digest, ImageFacts>(mostKept);

  async function of(stored: RepositoryName, digest: Digest, depth = 0): Promise<ImageFacts | undefined> {
    const held = await repositories.manifestFacts(stored, digest);
    if (held === undefined) return undefined;
    const known = images.get(digest);
    if (known !== undefined) return known;
    if (held.size > largestRead) return { size: held.size, platforms: undefined };
    const manifest = await repositories.manifest(stored, digest);
    if (manifest === undefined) return undefined;
    const parsed = parseManifest(manifest.bytes, manifest.mediaType);
    if ("fault" in parsed) return { size: held.size, platforms: undefined };
    if (parsed.manifest.kind === "index") return ofIndex(stored, manifest.bytes, parsed.manifest, depth);
    const facts = await ofImage(stored, manifest.size, parsed.manifest);
    if (facts.complete) images.set(digest, facts);
    return facts;
  }

  async function ofImage(
    stored: RepositoryName,
    size: number,
    { blobs: [config, ...layers] }: ParsedManifest,
  ) {
    const total = size + (config?.size ?? 0) + layers.reduce((sum, layer) => sum + layer.size, 0);
    if (config === undefined || !isImageConfig(config) || config.size > largestConfig)
      return { size: total, platforms: undefined, complete: true };
    const image = await readConfig(blobs, stored, config, layers.length);
    const platform = image && platformText({ ...image });
    return {
      size: total,
      platforms: platform === undefined ? undefined : [platform],
      // What a cache hasn't fetched yet may come.
      complete: image !== undefined,
    };
  }

  async function ofIndex(
    stored: RepositoryName,
    bytes: Uint8Array,
    { manifests }: ParsedManifest,
    depth: number,
  ): Promise<ImageFacts> {
    let size = bytes.length;
    for (const digest of new Set(manifests.slice(0, mostChildren).map((child) => child.digest)))
      size += depth > 0 ? 0 : ((await of(stored, digest, depth + 1))?.size ?? 0);
    const platforms = indexChildren(bytes).flatMap(({ platform }) =>
      platform === undefined || platform.startsWith("unknown/") ? [] : [platform],
    );
    return { size, platforms: platforms.length === 0 ? undefined : [...new Set(platforms)] };
  }

  return { of: (stored, digest) => of(stored, digest) };
}
