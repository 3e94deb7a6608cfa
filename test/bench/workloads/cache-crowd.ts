import { median } from "../statistics.ts";
import type { PullReport } from "../pull/job.ts";
import { layers, ratio } from "./cache-cold.ts";
import { bothWays, firstBytes, firstByteLayer, pullFrom } from "./cache-pulls.ts";
import { needsCache, onCache, pulled, whole, withMemory } from "./on-cache.ts";
import { largeImages } from "./upstream-images.ts";
import { LeftOut, type Workload } from "./workload.ts";

/**
 * 200 clients that all want the same image at once; they only count bytes. How long each waits for the first byte of
 * its first layer is compared with the same crowd at the upstream, which goes home when each has that byte; and the
 * wait of the client that asks for its layer first with that of one that pulls direct and alone. The other servers have
 * their turn in the first round only: a cache that fetches for each client takes many minutes.
 */
export const cacheCrowd: Workload = {
  rows: [
    { name: "cache-crowd", title: "200 clients at once, one cold image of 1 GiB: all have it", unit: "ms" },
    { name: "cache-crowd-failed", title: "… clients whose pull failed", unit: "clients" },
    { name: "cache-crowd-upstream", title: "… bytes from the upstream ÷ the image's", unit: "×" },
    {
      name: "cache-crowd-first",
      title: "… first byte of a layer: first client ÷ one that pulls direct",
      unit: "×",
    },
    { name: "cache-crowd-median", title: "… median client ÷ that of 200 that pull direct", unit: "×" },
    { name: "cache-crowd-worst", title: "… last client ÷ the last of 200 that pull direct", unit: "×" },
  ],
  leavesOut: needsCache,
  disk: (settings) => 2 * (layers * settings.imageLayer + (settings.firstBytes + 5) * firstByteLayer),
  async measure(bout) {
    if (bout.round > 0 && bout.server.id !== "berth") return [];
    return await onCache(bout, async (parts) => {
      const { cache, direct, upstream } = parts;
      const alone = median((await firstBytes(bout, parts)).direct.firstBytes);
      const plan = { images: 1, layers, size: bout.settings.imageLayer };
      await using seeded = await largeImages(bout, upstream, bout.repository, plan);
      const crowd = { kind: "crowd", clients: bout.settings.crowd, hash: false } as const;
      let sent = 0;
      let memory = {};
      const waits = await bothWays<PullReport>(bout, {
        direct: async () =>
          whole(await pullFrom(bout, direct, seeded.images, { ...crowd, onlyFirstBytes: true })),
        through: async () => {
          const before = await upstream.sent();
          const watched = await withMemory(cache, () => pullFrom(bout, cache, seeded.images, crowd));
          sent = (await upstream.sent()) - before;
          memory = watched.memory;
          return watched.result;
        },
      });
      const { through } = waits;
      const load = pulled(through);
      if (load.operations === 0) throw new LeftOut(`served none of the crowd: ${through.faults[0]}`);
      const compared = (of: (bytes: readonly number[]) => number) =>
        ratio(of(through.firstBytes), of(waits.direct.firstBytes));
      return [
        { value: load.seconds * 1000, load, ...memory },
        { value: through.failed },
        { value: sent / (load.bytes / load.operations) },
        ratio(through.firstBytes[0] ?? Number.NaN, alone),
        compared(median),
        compared((bytes) => Math.max(...bytes)),
      ];
    });
  },
};
