import type { Content } from "#core/engine/content.ts";
import type { LayerId } from "#core/engine/snapshots.ts";
import type { Digest } from "#oci/digest.ts";
import type { ContainerLookup } from "../container-lookup.ts";
import type { ImageList } from "./image-list.ts";
import type { Layers } from "./layers.ts";
import type { Manifests } from "./manifests.ts";

/** Removes what no image and no container needs any more: layers, then content. */
export async function tidy(parts: {
  list: ImageList;
  layers: Layers;
  manifests: Manifests;
  content: Content;
  containers: ContainerLookup;
}): Promise<void> {
  const { list, layers, manifests, content, containers } = parts;
  const used = new Set<LayerId>(list.all().flatMap((image) => image.layers ?? []));
  for (const container of containers.all()) for (const id of container.layers) used.add(id);
  await layers.sweep(used);

  const needed = new Set<Digest>();
  for (const { id, manifest, manifestType } of list.all()) {
    needed.add(id).add(manifest);
    // One that can't be read holds what it names no longer; the image can't be used anyhow.
    const read = await manifests.get(manifest, manifestType).catch(() => undefined);
    for (const layer of read?.layers ?? []) needed.add(layer.digest);
  }
  manifests.forget(needed);
  await content.sweep(needed);
}
