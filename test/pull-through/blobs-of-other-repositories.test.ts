import assert from "node:assert/strict";
import { test } from "node:test";
import { expectStatus } from "../harness/registry-response.ts";
import { freshBytes } from "../harness/registry-client.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { startCache, type TestCache } from "./cache.ts";
import { until } from "./until.ts";

const path = (name: string, digest: string) => `/v2/docker.io/library/${name}/blobs/${digest}`;

async function keep({ client }: TestCache, name: string, digest: string): Promise<void> {
  expectStatus(await client.get(path(name, digest)), 200);
  await until(async () => (await client.head(path(name, digest))).headers.get("x-cache") === "HIT");
}

test("a blob of one repository isn't another's because the upstream has no HEAD", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const digest = upstream.addBlob("library/closed", freshBytes(300_000));
  upstream.addBlob("library/open", freshBytes(10));
  await keep(cache, "closed", digest);
  upstream.harm("head-blob", { status: 405 });
  expectStatus(await cache.client.get(path("open", digest)), 404);
});

test("a blob that another repository has is asked for by GET where HEAD fails", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const bytes = freshBytes(300_000);
  const digest = upstream.addBlob("library/one", bytes);
  upstream.addBlob("library/other", bytes);
  await keep(cache, "one", digest);
  upstream.harm("head-blob", { status: 500 });
  const answer = await cache.client.get(path("other", digest));
  expectStatus(answer, 200);
  assert.deepEqual(answer.body, bytes);
});
