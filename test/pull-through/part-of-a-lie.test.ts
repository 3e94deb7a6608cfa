import assert from "node:assert/strict";
import { test } from "node:test";
import { expectStatus } from "../harness/registry-response.ts";
import { freshBytes } from "../harness/registry-client.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { startCache } from "./cache.ts";

for (const [range, from, to] of [
  ["bytes=0-99999", 0, 100_000],
  ["bytes=5-5", 5, 6],
] as const)
  test(`a part of a blob on its way isn't served as good before the whole was proved: ${range}`, async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream);
    const bytes = freshBytes(700_000);
    const path = `/v2/docker.io/library/busybox/blobs/${upstream.addBlob("library/busybox", bytes)}`;
    upstream.harm("blob", "wrong-digest", 1);
    const lie = await cache.client.get(path, { range }).catch(() => undefined);
    assert.ok(lie === undefined || lie.status >= 400, `${lie?.status} with ${lie?.body.length} bytes`);
    const good = await cache.client.get(path, { range });
    expectStatus(good, 206);
    assert.deepEqual(good.body, bytes.subarray(from, to));
  });
