import { AppError } from "#core/errors.ts";
import type { Source } from "#core/source.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import { digestOf, algorithmOf } from "#oci/digest.ts";
import type { ImageConfig } from "#oci/image-config.ts";
import { readImageConfig } from "#oci/read-image-config.ts";
import type { RepositoryName } from "#oci/reference.ts";

/** What people look at; a config has some KiB. */
const largest = 4 * 1024 * 1024;
const configTypes = new Set([
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
]);

export function isImageConfig({ mediaType }: Descriptor): boolean {
  return configTypes.has(mediaType);
}

/** "absent": it isn't here (any more). Undefined: it never is what a config should be, or is too large. */
export async function readConfig(
  blobs: Pick<Source["blobs"], "open">,
  stored: RepositoryName,
  { digest, size }: Descriptor,
  layers: number,
): Promise<ImageConfig | "absent" | undefined> {
  if (size > largest) return undefined;
  try {
    const { blob } = await blobs.open(stored, digest);
    await using open = blob;
    if (open.size > largest || open.size === 0) return undefined;
    const chunks: Buffer[] = [];
    // A chunk is only valid until the next one is asked for.
    for await (const chunk of open.read(0, open.size - 1)) chunks.push(Buffer.from(chunk));
    const bytes = Buffer.concat(chunks);
    // What is shown as an image's config must be it.
    if (digestOf(algorithmOf(digest), bytes) !== digest) return "absent";
    const read = readImageConfig(bytes, layers);
    return "config" in read ? read.config : undefined;
  } catch (error) {
    if (error instanceof AppError && (error.code === "blob-unknown" || error.code === "blob-damaged"))
      return "absent";
    throw error;
  }
}
