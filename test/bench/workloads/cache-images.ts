import { mebibyte } from "../settings.ts";
import type { Image } from "../pull/job.ts";
import type { Upstream } from "../servers/upstream.ts";
import { pullFrom } from "./cache-pulls.ts";
import { needsCache, onCache, pulled, whole, withMemory } from "./on-cache.ts";
import { tinyImages } from "./upstream-images.ts";
import type { Bout, Row, Workload } from "./workload.ts";

const warmups = 10;
const rows: Row[] = [
  { name: "cache-images-cold", title: "cold images of 5 tiny blobs, 10 clients", unit: "/s" },
  { name: "cache-images-warm", title: "warm images of 5 tiny blobs, 10 clients", unit: "/s" },
];

/** Put there once a run: to push them takes longer than to pull them, and every cache begins without them. */
const seeded = new WeakMap<Upstream, Promise<Image[]>>();

/** A client process pulls each image once while the cache has none of them; then again and again. */
export const cacheImages: Workload = {
  rows,
  leavesOut: needsCache,
  disk: ({ images }) => (images + warmups) * mebibyte,
  measure: (bout) =>
    onCache(bout, async ({ cache, upstream }) => {
      const images = await imagesOf(bout, upstream);
      const ten = { kind: "shared", clients: 10, hash: true, warmup: warmups } as const;
      const cold = await withMemory(cache, () => pullFrom(bout, cache, images, ten));
      const { seconds } = bout.settings;
      const warm = await withMemory(cache, () => pullFrom(bout, cache, images, { ...ten, seconds }));
      return [cold, warm].map(({ result, memory }) => {
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
