import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { Digest } from "#oci/digest.ts";
import type { Platform } from "#oci/platform.ts";
import { imageAt, type ImageAt } from "./image-at.ts";
import { blobsOf } from "./blobs-of.ts";
import type { OwnContent } from "./parts.ts";

/** The image of a repository of this registry, when all of it is there with the right sizes; else undefined. */
export async function completeIn(
  { repositories, store }: Pick<OwnContent, "repositories" | "store">,
  repository: RepositoryName,
  reference: Tag | Digest,
  platform: Platform,
): Promise<ImageAt | undefined> {
  const image = await imageAt((each) => repositories.manifest(repository, each), reference, platform);
  if (image === undefined) return undefined;
  const whole = await Promise.all(
    blobsOf(image).map(async ({ digest, size }) => {
      const blob = await repositories.blob(repository, digest);
      return (
        blob !== undefined &&
        !blob.damaged &&
        blob.size === size &&
        (await store.stat(blob.location)) === size
      );
    }),
  );
  return whole.every((there) => there) ? image : undefined;
}
