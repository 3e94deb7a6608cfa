import type { FoundImage } from "#core/engine/registries.ts";
import type { Descriptor } from "#oci/descriptor.ts";

/** Config and layers, each once. */
export function blobsOf({ config, layers }: Pick<FoundImage, "config" | "layers">): Descriptor[] {
  return [...new Map([config, ...layers].map((one) => [one.digest, one])).values()];
}
