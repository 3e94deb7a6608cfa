import type { Content } from "#core/engine/content.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import { AppError } from "#core/errors.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import type { Digest } from "#oci/digest.ts";
import { readImageConfig } from "#oci/read-image-config.ts";
import type { ImageList } from "./image-list.ts";

/** Larger ones are refused: a config is read into memory. */
const mostConfig = 8 * 1024 * 1024;

export interface Arrived {
  manifest: Digest;
  manifestType: string;
  config: Descriptor;
  layers: readonly Descriptor[];
}

/** A record of what lies in Content, not in the list yet, nothing of it unpacked. Throws engine-invalid for what can't be an image here. */
export async function recordOf(content: Content, arrived: Arrived): Promise<ImageRecord> {
  const { manifest, manifestType, config: descriptor, layers } = arrived;
  const bytes = await content.read(descriptor.digest, mostConfig);
  if (bytes === undefined)
    throw new AppError("engine-failed", `the image's config ${descriptor.digest} isn't here any more`);
  const read = readImageConfig(bytes, layers.length);
  if ("fault" in read)
    throw new AppError("engine-invalid", `the image's config ${descriptor.digest} ${read.fault}`);
  if (read.config.os !== "linux")
    throw new AppError(
      "engine-invalid",
      `image operating system "${read.config.os}" cannot be used on this platform`,
    );
  return {
    id: descriptor.digest,
    manifest,
    manifestType,
    config: read.config,
    tags: [],
    digests: [],
    layers: undefined,
    size: layers.reduce((sum, { size }) => sum + size, 0),
    tagged: "",
  };
}

export interface Names {
  tag?: string | undefined;
  /** With digest. */
  digest?: string | undefined;
}

/**
 * Puts an image into the list, or gives the one that is there further names. What was unpacked of it stays.
 * @returns the record, and whom the tag named before.
 */
export function enlist(
  list: ImageList,
  image: ImageRecord,
  names: Names,
  now: string,
): Promise<{ image: ImageRecord; before: ImageRecord | undefined }> {
  return list.change(async () => {
    const before = names.tag === undefined ? undefined : list.named(names.tag);
    const known = list.get(image.id);
    const digests = [
      ...(known?.digests ?? image.digests),
      ...(names.digest === undefined ? [] : [names.digest]),
    ];
    await list.put({
      ...image,
      layers: image.layers ?? known?.layers,
      size: image.layers === undefined && known?.layers !== undefined ? known.size : image.size,
      tags: known?.tags ?? image.tags,
      tagged: known?.tagged ?? now,
      digests: [...new Set(digests)],
      ...(known?.parent === undefined ? {} : { parent: known.parent }),
    });
    if (names.tag !== undefined && before?.id !== image.id) await list.tag(image.id, names.tag, now);
    return { image: list.get(image.id) ?? image, before };
  });
}
