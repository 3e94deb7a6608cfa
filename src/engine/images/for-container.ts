import type { Content } from "#core/engine/content.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import type { Registries } from "#core/engine/registries.ts";
import type { LayerId } from "#core/engine/snapshots.ts";
import type { Clock } from "#core/clock.ts";
import { AppError } from "#core/errors.ts";
import { familiar } from "#oci/image-reference.ts";
import { matchesPlatform, parsePlatform, type Platform } from "#oci/platform.ts";
import type { Arrivals } from "./arrivals.ts";
import { enlist, recordOf } from "./enlist.ts";
import type { ImageList } from "./image-list.ts";
import type { Layers } from "./layers.ts";
import type { Manifests } from "./manifests.ts";
import { nameOf, noSuchImage, readName, repositoryIn } from "./read-name.ts";
import { nowText } from "../times.ts";
import { unpackImage } from "./unpack-image.ts";

export interface ImageForContainer {
  image: ImageRecord & { layers: LayerId[] };
  /** The qualified name that it was found by, else its id. */
  reference: string;
}

/** How create comes to its image: the list first, then what is hosted or cached; no network. */
export function createForContainer(parts: {
  list: ImageList;
  layers: Layers;
  manifests: Manifests;
  content: Content;
  registries: Registries;
  arrivals: Arrivals;
  clock: Clock;
  platform: Platform;
}) {
  const { list, layers, content, registries, arrivals, clock } = parts;

  /** @param platform `linux/arm64`; "": this host's, but any that is in the list. */
  return async (ref: string, platform: string): Promise<ImageForContainer> => {
    const wanted = readPlatform(platform);
    let image = list.look(ref);
    const reference = readName(ref);
    if (image === undefined || !fits(image, wanted)) {
      const found =
        reference === undefined
          ? undefined
          : await arrivals.during(async () => {
              const hosted = await registries.find(
                {
                  ...reference,
                  tag: reference.digest === undefined ? (reference.tag ?? "latest") : reference.tag,
                },
                wanted ?? parts.platform,
              );
              if (hosted === undefined) return undefined;
              const name = nameOf(reference);
              const names = {
                ...(reference.digest === undefined ? { tag: name } : {}),
                digest: `${repositoryIn(name)}@${hosted.named}`,
              };
              const unpacked = await unpackImage(parts, await recordOf(content, hosted));
              return (await enlist(list, unpacked, names, nowText(clock))).image;
            });
      if (found === undefined && image === undefined) throw noSuchImage(ref);
      image = found ?? image;
    }
    if (image === undefined) throw noSuchImage(ref);
    if (!fits(image, wanted)) throw otherPlatform(ref, image, platform);
    if (image.layers === undefined) {
      const whole = image;
      image = await arrivals.during(() => unpackImage(parts, whole));
    }
    const unpacked = image.layers ?? [];
    layers.hold(unpacked);
    const name = reference && nameOf(reference);
    const known = name !== undefined && (image.tags.includes(name) || image.digests.includes(name));
    return { image: { ...image, layers: unpacked }, reference: known ? name : image.id };
  };
}

/** Undefined: none was asked for. Throws engine-invalid in docker's words. */
export function readPlatform(text: string): Platform | undefined {
  if (text === "") return undefined;
  const platform = parsePlatform(text);
  if (platform === undefined)
    throw new AppError(
      "engine-invalid",
      `"${text}": unknown operating system or architecture: invalid argument`,
    );
  return platform;
}

function fits({ config }: ImageRecord, wanted: Platform | undefined): boolean {
  if (wanted === undefined || config.architecture === "") return true;
  return matchesPlatform(wanted, { ...config, variant: config.variant });
}

function otherPlatform(ref: string, { config }: ImageRecord, platform: string): AppError {
  const reference = readName(ref);
  const name = reference === undefined ? ref : familiar(nameOf(reference));
  return new AppError(
    "engine-missing",
    `image with reference ${name} was found but does not match the specified platform: wanted ${platform}, actual: ${config.os}/${config.architecture}`,
  );
}
