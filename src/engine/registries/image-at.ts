import type { FoundImage } from "#core/engine/registries.ts";
import { AppError } from "#core/errors.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import type { Digest } from "#oci/digest.ts";
import { parseManifest } from "#oci/manifest.ts";
import { isUnknownPlatform, matchesPlatform, type Platform } from "#oci/platform.ts";
import type { Tag } from "#oci/reference.ts";

/** A manifest as a registry has it; its bytes are what the digest says. */
export interface ManifestAt {
  digest: Digest;
  mediaType: string | undefined;
  bytes: Uint8Array;
}

export type ReadManifest = (reference: Tag | Digest) => Promise<ManifestAt | undefined>;

/** An image with its manifest's bytes. */
export interface ImageAt extends FoundImage {
  bytes: Uint8Array;
}

/** Of indexes in indexes. */
const deepest = 4;

/**
 * The image of the platform that the reference names, through indexes. Undefined: some manifest isn't there.
 * Throws engine-missing where an index has none for the platform, engine-invalid for what is no image.
 */
export async function imageAt(
  read: ReadManifest,
  reference: Tag | Digest,
  platform: Platform,
): Promise<ImageAt | undefined> {
  let next = reference;
  let named: Digest | undefined;
  for (let depth = 0; depth < deepest; depth++) {
    const found = await read(next);
    if (found === undefined) return undefined;
    named ??= found.digest;
    const parsed = parseManifest(found.bytes, found.mediaType);
    if ("fault" in parsed)
      throw new AppError("engine-invalid", `the manifest ${found.digest} can't be used: ${parsed.fault}`);
    const { kind, mediaType, blobs, manifests } = parsed.manifest;
    const [config, ...layers] = blobs;
    if (kind === "image" && config !== undefined)
      return {
        manifest: found.digest,
        manifestType: mediaType,
        named,
        config,
        layers,
        bytes: found.bytes,
      };
    next = childFor(platform, found.bytes, manifests);
  }
  throw new AppError(
    "engine-invalid",
    `the index ${named ?? reference} has indexes below indexes without end`,
  );
}

interface Child {
  digest: Digest;
  /** Undefined: it doesn't say. */
  platform: Platform | undefined;
}

function childFor(wanted: Platform, bytes: Uint8Array, manifests: readonly Descriptor[]): Digest {
  const children = childrenOf(bytes, manifests);
  for (const platform of [wanted, ...lesser(wanted)]) {
    const found = children.find(
      ({ platform: has }) => has !== undefined && !isUnknownPlatform(has) && matchesPlatform(platform, has),
    );
    if (found !== undefined) return found.digest;
  }
  const silent = children.find(({ platform }) => platform === undefined);
  if (silent !== undefined) return silent.digest;
  const { os, architecture, variant } = wanted;
  const text = [os, architecture, variant].filter((part) => part !== undefined && part !== "").join("/");
  throw new AppError("engine-missing", `no matching manifest for ${text} in the manifest list entries`);
}

/** Platforms whose programs run there as well, the best first. */
function lesser({ os, architecture, variant = "v7" }: Platform): Platform[] {
  if (architecture !== "arm") return [];
  return ["v7", "v6", "v5"]
    .filter((each) => each < variant)
    .map((each) => ({ os, architecture, variant: each }));
}

/** Nothing but the descriptors' own fields was checked before. */
function childrenOf(bytes: Uint8Array, manifests: readonly Descriptor[]): Child[] {
  const { manifests: entries } = JSON.parse(new TextDecoder().decode(bytes)) as { manifests?: unknown };
  const list: unknown[] = Array.isArray(entries) ? entries : [];
  return manifests.map(({ digest }, i) => {
    const { os, architecture, variant } = members(members(list[i]).platform);
    if (typeof os !== "string" || typeof architecture !== "string") return { digest, platform: undefined };
    return {
      digest,
      platform: { os, architecture, variant: typeof variant === "string" ? variant : undefined },
    };
  });
}

function members(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
