import type { Measurement } from "../measurement.ts";
import { mebibyte } from "../settings.ts";
import { read } from "./reads.ts";
import { needsCache, onCache, type CacheSetting } from "./on-cache.ts";
import { ask, digestOf, seedImage } from "./registry-api.ts";
import type { Row, Workload } from "./workload.ts";

export const cacheWarm = warm([
  { name: "cache-warm-tag", title: "warm manifest GET by tag, c=32", unit: "/s" },
  { name: "cache-warm-pull", title: "warm pulls (manifest by tag, 7 small blobs), c=32", unit: "/s" },
]);

/** What a tag costs when the upstream is asked each time; Distribution does that anyway. */
export const cacheWarmRevalidated = warm(
  [
    { name: "cache-ttl0-tag", title: "the same, Berth with ttl 0s: manifest GET by tag, c=32", unit: "/s" },
    { name: "cache-ttl0-pull", title: "the same, Berth with ttl 0s: pulls, c=32", unit: "/s" },
  ],
  { ttl: "0s" },
);

function warm(rows: [tag: Row, pull: Row], setting?: CacheSetting): Workload {
  return {
    rows,
    leavesOut: needsCache,
    disk: () => mebibyte,
    measure: (bout) =>
      onCache(
        bout,
        async ({ cache, upstream }) => {
          const { bytes, digest } = await seedImage(upstream, bout.repository, "latest");
          const { config, layers } = JSON.parse(bytes.toString("utf8")) as Manifest;
          const root = `/v2/${cache.prefix}${bout.repository}`;
          const tag = `${root}/manifests/latest`;
          const blobs = [config, ...layers].map((blob) => `${root}/blobs/${blob.digest}`);
          for (const path of [tag, ...blobs]) {
            const { body } = await ask(cache, "GET", path, [200]);
            const wanted = path === tag ? digest : path.slice(path.lastIndexOf("/") + 1);
            if (digestOf(body) !== wanted)
              throw new Error(`GET ${path} gave other bytes than the upstream has`);
          }
          const load = { method: "GET", connections: 32 } as const;
          const tags = await read(bout, cache, rows[0], { ...load, paths: [tag] });
          const paths = [tag, ...blobs];
          const pulls = await read(bout, cache, rows[1], { ...load, paths });
          return [tags, { ...pulls, value: pulls.value / paths.length } satisfies Measurement];
        },
        setting,
      ),
  };
}

interface Manifest {
  config: { digest: string };
  layers: { digest: string }[];
}
