import type { Content } from "#core/engine/content.ts";
import { AppError } from "#core/errors.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import type { Digest } from "#oci/digest.ts";
import { parseManifest } from "#oci/manifest.ts";

export const mostManifest = 4 * 1024 * 1024;

export interface ImageManifest {
  mediaType: string;
  config: Descriptor;
  layers: readonly Descriptor[];
}

/** Takes the manifest of one image apart. Throws engine-invalid. */
export function readImageManifest(
  bytes: Uint8Array,
  type: string | undefined,
  digest: Digest,
): ImageManifest {
  const parsed = parseManifest(bytes, type);
  if ("fault" in parsed)
    throw new AppError("engine-invalid", `the manifest ${digest} is refused: ${parsed.fault}`);
  const [config, ...layers] = parsed.manifest.blobs;
  if (config === undefined)
    throw new AppError("engine-invalid", `the manifest ${digest} is an index, not an image`);
  return { mediaType: parsed.manifest.mediaType, config, layers };
}

/** Manifests that the list's images are made of, as Content has them; small, so those read once are kept. */
export function createManifests(content: Content) {
  const read = new Map<Digest, ImageManifest>();
  return {
    async get(digest: Digest, type: string): Promise<ImageManifest> {
      const known = read.get(digest);
      if (known !== undefined) return known;
      const bytes = await content.read(digest, mostManifest);
      if (bytes === undefined)
        throw new AppError(
          "engine-failed",
          `the manifest ${digest} isn't here any more; pull the image again`,
        );
      const manifest = readImageManifest(bytes, type, digest);
      read.set(digest, manifest);
      return manifest;
    },
    /** Those of images that are gone. */
    forget(needed: ReadonlySet<Digest>): void {
      for (const digest of read.keys()) if (!needed.has(digest)) read.delete(digest);
    },
  };
}

export type Manifests = ReturnType<typeof createManifests>;
