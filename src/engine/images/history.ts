import type { ImageRecord } from "#core/engine/image.ts";
import type { ImageHistory } from "#oci/image-config.ts";
import type { ImageList } from "./image-list.ts";
import type { Layers } from "./layers.ts";

export type HistoryEntry = ImageHistory & { id: string; size: number; tags: string[] };

/** How an image came to be, newest first. Ids are known of the image and of parents that are in the list. */
export function historyOf(list: ImageList, layers: Layers, image: ImageRecord): HistoryEntry[] {
  const diffIds = image.config.rootfs.diff_ids.values();
  const entries = image.config.history.map((entry): HistoryEntry => {
    const diffId = entry.empty_layer === true ? undefined : diffIds.next().value;
    const size = diffId === undefined ? 0 : (layers.byDiff(diffId)?.size ?? 0);
    return { ...entry, id: "<missing>", size, tags: [] };
  });
  entries.reverse();
  let at: ImageRecord | undefined = image;
  return entries.map((entry) => {
    if (at === undefined) return entry;
    const told = { ...entry, id: at.id, tags: at.tags };
    at = at.parent === undefined ? undefined : list.get(at.parent);
    return told;
  });
}
