import assert from "node:assert/strict";
import { test } from "node:test";
import { expectStatus } from "../harness/registry-response.ts";
import { freshBytes } from "../harness/registry-client.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { startCache } from "./cache.ts";

for (const [method, kind] of [
  ["HEAD", "head-blob"],
  ["GET", "blob"],
] as const)
  test(`that the upstream hasn't a blob is remembered for a while, by ${method}`, async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream);
    upstream.addBlob("library/busybox", freshBytes(10));
    const path = `/v2/docker.io/library/busybox/blobs/sha256:${"a".repeat(64)}`;
    for (let i = 0; i < 3; i++) expectStatus(await cache.client.request(method, path), 404);
    assert.equal(upstream.count(kind), 1);
  });
