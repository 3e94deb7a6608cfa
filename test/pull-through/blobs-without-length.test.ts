import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { test } from "node:test";
import { expectStatus } from "../harness/registry-response.ts";
import { freshBytes } from "../harness/registry-client.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { startCache, type TestCache } from "./cache.ts";
import { until } from "./until.ts";

/** Descriptors of this process that are files below the data folder. */
function filesOpen({ berth }: TestCache): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(berth.data);
    } catch {
      return false;
    }
  }).length;
}

test(
  "blobs whose length nobody says leave no file open",
  { skip: process.platform !== "linux" },
  async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream);
    upstream.harm("blob", "no-length");
    const before = filesOpen(cache);
    for (let i = 0; i < 5; i++) {
      const bytes = freshBytes(300_000);
      const digest = upstream.addBlob("library/busybox", bytes);
      const answer = await cache.client.get(`/v2/docker.io/library/busybox/blobs/${digest}`);
      expectStatus(answer, 200);
      assert.deepEqual(answer.body, bytes);
    }
    await until(() => filesOpen(cache) <= before);
  },
);
