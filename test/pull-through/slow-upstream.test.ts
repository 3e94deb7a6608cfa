import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { expectStatus } from "../harness/registry-response.ts";
import { freshBytes } from "../harness/registry-client.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { startCache } from "./cache.ts";

for (const range of [undefined, "bytes=600000-"])
  test(`a client isn't broken off because the upstream pauses for longer than a client may: ${range ?? "whole"}`, async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream, {}, { limits: { body_idle_timeout: 200 } });
    const bytes = freshBytes(700_000);
    const digest = upstream.addBlob("library/busybox", bytes);
    upstream.harm("blob", { holdAt: 400_000, until: sleep(1_000) }, 1);
    const headers = range === undefined ? {} : { range };
    const answer = await cache.client.get(`/v2/docker.io/library/busybox/blobs/${digest}`, headers);
    expectStatus(answer, range === undefined ? 200 : 206);
    assert.deepEqual(answer.body, range === undefined ? bytes : bytes.subarray(600_000));
  });
