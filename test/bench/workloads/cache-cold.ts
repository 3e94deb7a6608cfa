import type { Measurement } from "../measurement.ts";
import { median, percentile } from "../statistics.ts";
import { bothWays, firstBytes, firstByteLayer, oneClient, pullFrom } from "./cache-pulls.ts";
import { needsCache, onCache, pulled, whole, withMemory, type CacheSetting } from "./on-cache.ts";
import { largeImages } from "./upstream-images.ts";
import type { Row, Workload } from "./workload.ts";

/** Of the image. */
export const layers = 4;

export const cacheCold = cold(
  { name: "cache-cold", title: "cold pull of 1 GiB ÷ direct pull", unit: "×" },
  { name: "cache-first-byte", title: "first byte of a cold layer ÷ direct pull", unit: "×" },
);

/** 1 Gbit/s and 20 ms there and back: a registry in the same region. */
export const cacheColdOverLink = cold(
  { name: "cache-cold-link", title: "cold pull of 1 GiB ÷ direct, both over 1 Gbit/s", unit: "×" },
  { name: "cache-first-byte-link", title: "first byte of a cold layer ÷ direct, both over 20 ms", unit: "×" },
  { link: { bytesPerSecond: 125e6, delay: 10 } },
);

function cold(pull: Row, firstByte: Row, setting?: CacheSetting): Workload {
  return {
    rows: [pull, firstByte],
    leavesOut: needsCache,
    disk: (settings) => 2 * (layers * settings.imageLayer + (settings.firstBytes + 5) * firstByteLayer),
    measure: (bout) =>
      onCache(
        bout,
        async (parts) => {
          const { cache, direct, upstream } = parts;
          const first = await firstBytes(bout, parts);
          const plan = { images: 1, layers, size: bout.settings.imageLayer };
          await using seeded = await largeImages(bout, upstream, bout.repository, plan);
          let memory = {};
          const { direct: alone, through } = await bothWays(bout, {
            direct: () => pullFrom(bout, direct, seeded.images, oneClient),
            through: async () => {
              const watched = await withMemory(cache, () => pullFrom(bout, cache, seeded.images, oneClient));
              memory = watched.memory;
              return watched.result;
            },
          });
          const load = pulled(whole(through));
          return [
            { ...ratio(load.p50, pulled(whole(alone)).p50), load, ...memory },
            {
              ...ratio(median(first.through.firstBytes), median(first.direct.firstBytes)),
              load: {
                ...pulled(first.through),
                p50: median(first.through.firstBytes),
                p99: percentile(first.through.firstBytes, 0.99),
              },
            },
          ];
        },
        setting,
      ),
  };
}

/** @param through ms, as is `direct` */
export function ratio(through: number, direct: number): Pick<Measurement, "value" | "of"> {
  return { value: through / direct, of: { through, direct } };
}
