import { mebibyte } from "../settings.ts";
import type { Image } from "../pull/job.ts";
import type { Upstream } from "../servers/upstream.ts";
import { pullFrom } from "./cache-pulls.ts";
import { needsCache, onCache, pulled, whole, withMemory } from "./on-cache.ts";
import { tinyImages } from "./upstream-images.ts";
import type { Bout, Row, Workload } from "./workload.ts";

const warmups = 10;
const rows: Row[] = [
  { name: "cache-images-direct", title: "images of 5 tiny blobs, 10 clients: from the upstream", unit: "/s" },
  { name: "cache-images-cold", title: "… through a cache that has none of them", unit: "/s" },
  { name: "cache-images-warm", title: "… through a cache that has them all", unit: "/s" },
];

/** Put there once a run: to push them takes longer than to pull them, and every cache begins without them. */
const seeded = new WeakMap<Upstream, Promise<Image[]>>();

/** Pulls each image once direct, and once while the cache has none of them; then again and again. */
export const cacheImages: Workload = {
  rows,
  leavesOut: needsCache,
  disk: ({ images }) => (images + warmups) * mebibyte,
  measure: (bout) =>
    onCache(bout, async ({ cache, direct, upstream }) => {
      const images = await imagesOf(bout, upstream);
      const ten = { kind: "shared", clients: 10, hash: true, warmup: warmups } as const;
      // The upstream's memory is warm from here on, for every cache alike.
      const alone = { result: await pullFrom(bout, direct, images, ten), memory: {} };
      const cold = await withMemory(cache, () => pullFrom(bout, cache, images, ten));
      const { seconds } = bout.settings;
      const warm = await withMemory(cache, () => pullFrom(bout, cache, images, { ...ten, seconds }));
      return [alone, cold, warm].map(({ result, memory }) => {
        const load = pulled(whole(result));
        return { value: load.operations / load.seconds, load, ...memory };
      });
    }),
};

function imagesOf({ settings, repository, signal }: Bout, upstream: Upstream): Promise<Image[]> {
  const found = seeded.get(upstream);
  if (found !== undefined) return found;
  const run = repository.split("/")[0] ?? repository;
  const images = tinyImages(upstream, `${run}/tiny`, settings.images + warmups, signal);
  seeded.set(upstream, images);
  return images;
}
