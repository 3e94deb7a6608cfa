import type { Clock } from "#core/clock.ts";
import type { EngineEvents } from "#core/engine/event.ts";
import type { Filters } from "#core/engine/filters.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import { AppError } from "#core/errors.ts";
import type { Digest } from "#oci/digest.ts";
import type { ContainerLookup } from "../container-lookup.ts";
import { untilTime } from "../until-time.ts";
import { chainIds } from "./chain-ids.ts";
import { checkFilters, createdAt, hasLabels, readFlag } from "./filters.ts";
import type { ImageList } from "./image-list.ts";
import type { Layers } from "./layers.ts";
import type { RemovedImage, RemoveOptions } from "./remove.ts";

const known = ["dangling", "label", "label!", "until"];

/** `docker image prune`: images without a tag, or with `dangling=false` all that no container uses. */
export function createPrune(parts: {
  list: ImageList;
  layers: Layers;
  containers: ContainerLookup;
  events: EngineEvents;
  clock: Clock;
  /** Inside the list's `change`. */
  remove: (ref: string, options: RemoveOptions) => Promise<RemovedImage[]>;
}) {
  const { list, layers, containers, events, clock, remove } = parts;

  /** Bytes of the unpacked layers by what stands for them in an answer. */
  function sizes(images: readonly ImageRecord[]): Map<string, number> {
    const found = new Map<string, number>();
    for (const { config } of images) {
      const diffIds = config.rootfs.diff_ids;
      for (const [index, chain] of chainIds(diffIds).entries())
        found.set(chain, layers.byDiff(diffIds[index] as Digest)?.size ?? 0);
    }
    return found;
  }

  /** Inside the list's `change`. */
  return async (filters: Filters): Promise<{ removed: RemovedImage[]; reclaimed: number }> => {
    checkFilters(filters, known);
    const danglingOnly = readFlag(filters, "dangling") ?? true;
    const until = untilTime(filters, BigInt(Math.trunc(clock())) * 1_000_000n) ?? Infinity;
    const without = filters.get("label!") ?? [];
    const bytes = sizes(list.all());
    const used = (id: Digest) => containers.all().some(({ image }) => image === id);
    const removed: RemovedImage[] = [];
    for (const image of list.all()) {
      if (used(image.id) || (danglingOnly && image.tags.length > 0)) continue;
      if (createdAt(image) > until || !hasLabels(image, filters.get("label") ?? [])) continue;
      if (without.length > 0 && hasLabels(image, without)) continue;
      try {
        // All of its names at once: nobody uses it.
        removed.push(...(await remove(image.id, { force: true, prune: true })));
      } catch (error) {
        // An image that others were made from stays.
        if (!(error instanceof AppError) || error.code !== "engine-conflict") throw error;
      }
    }
    let reclaimed = 0;
    for (const line of removed) if ("Deleted" in line) reclaimed += bytes.get(line.Deleted) ?? 0;
    events.emit({ type: "image", action: "prune", id: "", attributes: { reclaimed: String(reclaimed) } });
    return { removed, reclaimed };
  };
}
