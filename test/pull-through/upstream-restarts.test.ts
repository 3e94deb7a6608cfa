import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { expectStatus } from "../harness/registry-response.ts";
import { freshBytes } from "../harness/registry-client.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { startCache } from "./cache.ts";
import { until } from "./until.ts";

test("an upstream that is restarted amid a blob is asked for the rest of it, and its client notices nothing", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const bytes = freshBytes(2_000_000);
  const digest = upstream.addBlob("library/busybox", bytes);
  upstream.harm("blob", { holdAt: 1_000_000, until: new Promise(() => undefined) }, 1);
  const pulling = cache.client.get(`/v2/docker.io/library/busybox/blobs/${digest}`);
  pulling.catch(() => undefined);
  await until(() => upstream.bytes("blob") === 1_000_000);
  await upstream.stop();
  await sleep(700);
  await upstream.start();
  const answer = await pulling;
  expectStatus(answer, 200);
  assert.deepEqual(answer.body, bytes);
});
