import type { ImageRecord } from "#core/engine/image.ts";
import type { ImageList } from "./image-list.ts";
import type { Layers, UnpackWatch } from "./layers.ts";
import type { Manifests } from "./manifests.ts";

/** An image of the list with its layers unpacked, as it is recorded then. */
export async function unpackImage(
  { list, layers, manifests }: { list: ImageList; layers: Layers; manifests: Manifests },
  image: ImageRecord,
  watch?: UnpackWatch,
): Promise<ImageRecord & { layers: NonNullable<ImageRecord["layers"]> }> {
  const manifest = await manifests.get(image.manifest, image.manifestType);
  const records = await layers.unpack(image.config.rootfs.diff_ids, manifest.layers, watch);
  const unpacked = {
    layers: records.map(({ id }) => id),
    size: records.reduce((sum, { size }) => sum + size, 0),
  };
  await list.change(async () => {
    const now = list.get(image.id);
    // It may have been removed meanwhile; then its layers go with the next tidying.
    if (now !== undefined && now.layers === undefined) await list.put({ ...now, ...unpacked });
  });
  return { ...(list.get(image.id) ?? image), ...unpacked };
}
