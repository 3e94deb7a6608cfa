import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { freshBytes, oci } from "../harness/registry-client.ts";
import { startFaultyUpstream, type FaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { startCache, type TestCache } from "./cache.ts";
import { until } from "./until.ts";

const size = 3_000_000;

async function ready(upstream: FaultyUpstream, cache: TestCache) {
  const image = oci.image({ layers: [freshBytes(size)] });
  upstream.add("library/busybox", image, "latest");
  const layer = image.blobs[1];
  assert.ok(layer);
  return { layer, path: `/v2/docker.io/library/busybox/blobs/${layer.digest}`, cache };
}

test("the first byte is served when it comes, not when the blob is whole", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const { path, layer } = await ready(upstream, cache);
  const gate = Promise.withResolvers<void>();
  upstream.harm("blob", { holdAt: size / 2, until: gate.promise });
  const { request, response } = cache.client.begin("GET", path);
  request.end();
  const answer = await response;
  let received = 0;
  const done = (async () => {
    for await (const chunk of answer) received += (chunk as Buffer).length;
  })();
  await until(() => received >= size / 2 - 300_000);
  assert.ok(received < size);
  gate.resolve();
  await done;
  assert.equal(received, layer.bytes.length);
});

test("many clients: one fetch, and everybody gets all of it, with ranges too", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const { path, layer } = await ready(upstream, cache);
  const gate = Promise.withResolvers<void>();
  upstream.harm("blob", { holdAt: 100_000, until: gate.promise });
  const whole = Array.from({ length: 20 }, () => cache.client.get(path));
  const part = cache.client.get(path, { range: `bytes=${size - 10}-` });
  await until(() => upstream.count("blob") > 0);
  gate.resolve();
  for (const answer of await Promise.all(whole)) assert.deepEqual(answer.body, layer.bytes);
  const tail = await part;
  assert.deepEqual([tail.status, tail.body], [206, layer.bytes.subarray(size - 10)]);
  assert.equal(upstream.count("blob"), 1);
  assert.equal(upstream.bytes("blob"), size);
});

test("two clients and the leader leaves: the other one gets it all, by one fetch", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const { path, layer } = await ready(upstream, cache);
  const gate = Promise.withResolvers<void>();
  upstream.harm("blob", { holdAt: size / 2, until: gate.promise });
  const leader = cache.client.begin("GET", path);
  leader.request.end();
  await leader.response;
  const follower = cache.client.get(path);
  leader.request.destroy();
  gate.resolve();
  assert.deepEqual((await follower).body, layer.bytes);
  assert.equal(upstream.count("blob"), 1);
});

test("everybody leaves: the fetch goes on to its end", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const { path } = await ready(upstream, cache);
  const gate = Promise.withResolvers<void>();
  upstream.harm("blob", { holdAt: size / 2, until: gate.promise });
  const leader = cache.client.begin("GET", path);
  leader.request.end();
  await leader.response;
  leader.request.destroy();
  gate.resolve();
  await until(async () => (await cache.client.get(path)).headers.get("x-cache") === "HIT");
  assert.equal(upstream.count("blob"), 1);
});

test("reset in mid-blob: it is taken up by Range, and clients see nothing of it", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const { path, layer } = await ready(upstream, cache);
  upstream.harm("blob", { resetAfter: 1_000_000 }, 2);
  assert.deepEqual((await cache.client.get(path)).body, layer.bytes);
  const ranges = upstream.requests.filter(({ kind }) => kind === "blob").map(({ headers }) => headers.range);
  assert.equal(ranges.length, 3);
  assert.match(String(ranges[1]), /^bytes=\d{4,}-$/);
});

test("an upstream that knows no Range: the bytes that came are skipped", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const { path, layer } = await ready(upstream, cache);
  upstream.harm("blob", [{ resetAfter: 1_000_000 }, "no-ranges"], 1);
  upstream.harm("blob", "no-ranges");
  assert.deepEqual((await cache.client.get(path)).body, layer.bytes);
});

test("a blob without a length is served, too", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const { path, layer } = await ready(upstream, cache);
  upstream.harm("blob", "no-length");
  assert.deepEqual((await cache.client.get(path)).body, layer.bytes);
});

test("nothing is left behind by fetches that failed", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream, { timeout: 500, missing_ttl: 1 });
  const { path } = await ready(upstream, cache);
  upstream.harm("blob", "wrong-digest");
  await cache.client.get(path).catch(() => undefined);
  const uploads = join(cache.berth.data, "storage", "uploads");
  await until(async () => (await readdir(uploads)).length === 0);
});

test("layers that two repositories of the upstream share are fetched once, if it says that both have them", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const base = freshBytes(400_000);
  const [one, two] = [oci.image({ layers: [base] }), oci.image({ layers: [base] })];
  upstream.add("library/one", one, "latest");
  upstream.add("library/two", two, "latest");
  const digest = one.blobs[1]?.digest;
  for (const name of ["one", "two"]) {
    const answer = await cache.client.get(`/v2/docker.io/library/${name}/blobs/${digest}`);
    assert.deepEqual(answer.body, base);
  }
  assert.equal(upstream.count("blob"), 1);
  assert.equal((await cache.client.get(`/v2/docker.io/library/three/blobs/${digest}`)).status, 404);
});
