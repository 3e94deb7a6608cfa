import { cachedName } from "#core/cached-name.ts";
import type { FoundImage } from "#core/engine/registries.ts";
import { AppError } from "#core/errors.ts";
import { algorithmOf, digestOf } from "#oci/digest.ts";
import type { Platform } from "#oci/platform.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { blobsOf } from "./blobs-of.ts";
import { completeIn } from "./complete-in.ts";
import type { KeptContent } from "./content.ts";
import type { Holds } from "./holds.ts";
import type { ImageAt } from "./image-at.ts";
import { openBytes } from "./open-bytes.ts";
import type { OwnBlobs } from "#core/engine/own-blobs.ts";
import type { OwnRegistry } from "./parts.ts";

export interface FoundHereParts {
  registry: OwnRegistry;
  holds: Holds;
  own: OwnBlobs;
  content: Pick<KeptContent, "pin" | "read">;
}

/** Bytes. */
const largestConfig = 16 * 1024 * 1024;

/** Where content of a public name may lie in this registry, what stands first first. */
export function placesOf(repository: RepositoryName, hosted: boolean): RepositoryName[] {
  return hosted ? [repository, cachedName(repository)] : [cachedName(repository)];
}

/**
 * Images that this registry has, taken into the engine's content: by links, or, where none can be made now (no server runs
 * and its folder is another user's), by a copy.
 */
export function createFoundHere({ registry, holds, own, content }: FoundHereParts) {
  /** False: it was there a moment ago, and isn't any more. */
  async function copy(from: RepositoryName, image: ImageAt): Promise<boolean> {
    for (const { digest } of blobsOf(image)) {
      if ((await own.size(digest)) !== undefined) {
        await own.touch(digest);
        continue;
      }
      const opened = await registry.read(async ({ repositories, store }) => {
        const blob = await repositories.blob(from, digest);
        return blob && store.open(blob.location);
      });
      if (opened === undefined) return false;
      await using blob = opened;
      await own.add(digest, blob.read(0, blob.size - 1));
    }
    await own.add(image.manifest, openBytes(image.bytes).read(0, image.bytes.length - 1));
    return true;
  }

  /** Of these repositories the first that has the reference, complete, says which image it is. */
  return async (
    places: readonly RepositoryName[],
    reference: Tag | Digest,
    platform: Platform,
  ): Promise<FoundImage | undefined> => {
    for (const place of places) {
      const image = await registry.read((here) => completeIn(here, place, reference, platform));
      if (image === undefined) continue;
      using _ = content.pin([image.manifest, ...blobsOf(image).map(({ digest }) => digest)]);
      prove(image.manifest, image.bytes);
      if (!(await holds.hold(place, image)) && !(await copy(place, image))) continue;
      // Layers are proved where they are unpacked.
      prove(image.config.digest, await content.read(image.config.digest, largestConfig));
      return image;
    }
    return undefined;
  };
}

function prove(digest: Digest, bytes: Uint8Array | undefined): void {
  if (bytes === undefined || digestOf(algorithmOf(digest), bytes) !== digest)
    throw new AppError("engine-failed", `${digest} is damaged in this registry: push it again`);
}

export type FoundHere = ReturnType<typeof createFoundHere>;
