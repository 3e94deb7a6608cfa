import type { Clock } from "#core/clock.ts";
import type { Filters } from "#core/engine/filters.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import type { LayerId } from "#core/engine/snapshots.ts";
import type { ContainerLookup } from "../container-lookup.ts";
import { untilTime } from "../until-time.ts";
import { checkFilters, createdAt, createNameMatch, hasLabels, readFlag } from "./filters.ts";
import type { ImageList } from "./image-list.ts";
import type { Layers } from "./layers.ts";

export interface ListedImage {
  image: ImageRecord;
  containers: number;
  sharedSize: number;
}

const known = ["dangling", "label", "before", "since", "reference", "until"];

/** `docker images`, newest first. */
export function createListImages(parts: {
  list: ImageList;
  layers: Layers;
  containers: ContainerLookup;
  clock: Clock;
}) {
  const { list, layers, containers, clock } = parts;

  return ({
    all,
    filters,
    sharedSize,
  }: {
    all: boolean;
    filters: Filters;
    sharedSize: boolean;
  }): ListedImage[] => {
    checkFilters(filters, known);
    const dangling = readFlag(filters, "dangling");
    const values = (key: string) => filters.get(key) ?? [];
    const before = values("before").map((name) => createdAt(list.find(name)));
    const since = values("since").map((name) => createdAt(list.find(name)));
    const until = untilTime(filters, BigInt(Math.trunc(clock())) * 1_000_000n) ?? Infinity;
    const matches = values("reference").map(createNameMatch);

    const shown = list.all().flatMap((image) => {
      const created = createdAt(image);
      if (before.some((time) => created >= time) || since.some((time) => created <= time)) return [];
      if (created >= until || !hasLabels(image, values("label"))) return [];
      const named =
        matches.length === 0 ? image : withNames(image, (name) => matches.some((match) => match(name)));
      const nameless = named.tags.length === 0 && named.digests.length === 0;
      if (nameless && (matches.length > 0 || dangling === false)) return [];
      if (nameless && !all && list.children(image.id).length > 0) return [];
      if (dangling === true && named.tags.length > 0) return [];
      return [named];
    });
    const uses = sharedSize ? layerUses(list.all()) : undefined;
    return shown
      .toSorted((a, b) => createdAt(b) - createdAt(a))
      .map((image) => ({
        image,
        containers: sharedSize
          ? containers.all().filter((container) => container.image === image.id).length
          : -1,
        sharedSize: uses === undefined ? -1 : sharedBytes(image, uses, layers),
      }));
  };
}

function withNames(image: ImageRecord, wanted: (name: string) => boolean): ImageRecord {
  return { ...image, tags: image.tags.filter(wanted), digests: image.digests.filter(wanted) };
}

function layerUses(images: readonly ImageRecord[]): Map<LayerId, number> {
  const uses = new Map<LayerId, number>();
  for (const { layers } of images) for (const id of new Set(layers)) uses.set(id, (uses.get(id) ?? 0) + 1);
  return uses;
}

/** Bytes of its layers that other images have, too. */
function sharedBytes(image: ImageRecord, uses: Map<LayerId, number>, layers: Layers): number {
  let bytes = 0;
  for (const id of image.layers ?? []) if ((uses.get(id) ?? 0) > 1) bytes += layers.byId(id)?.size ?? 0;
  return bytes;
}
