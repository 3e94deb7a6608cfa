import assert from "node:assert/strict";
import { test } from "node:test";
import { renderMetrics } from "#adapters/prometheus/metrics.ts";
import { countRegistry } from "#app/count-registry.ts";
import { cached, hosted, openCache } from "./cache-room.ts";

test("/metrics says how much is cached of each upstream", async (t) => {
  const room = await openCache(t);
  for (const name of ["busybox", "alpine"]) await room.blob(cached(`docker.io/library/${name}`), "shared");
  await room.blob(cached("docker.io/library/alpine"), "a");
  await room.blob(cached("ghcr.io/team/tool"), "shared");
  await room.blob(hosted("team/app"), "b");
  const { text } = await renderMetrics([], await countRegistry(room.metadata));
  assert.deepEqual(
    text.split("\n").filter((line) => line.startsWith("berth_cache_bytes")),
    ['berth_cache_bytes{upstream="docker.io"} 2000', 'berth_cache_bytes{upstream="ghcr.io"} 1000'],
  );
});
