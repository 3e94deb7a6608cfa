import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { oci } from "../harness/registry-client.ts";
import { startFaultyUpstream, type Faults, type SeenRequest } from "../upstreams/faulty-upstream.ts";
import { startCache, type TestCache } from "./cache.ts";

const path = "/v2/docker.io/library/busybox/manifests/latest";

const ofManifests = ({ kind }: SeenRequest) => kind === "manifest" || kind === "head-manifest";

async function pull({ client }: TestCache) {
  const { status, headers, body } = await client.get(path);
  return {
    status,
    cache: headers.get("x-cache"),
    digest: headers.get("docker-content-digest"),
    retryAfter: headers.get("retry-after"),
    body: body.toString(),
  };
}

test("inside its TTL a tag is served without a word to the upstream", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream, { ttl: 60_000 });
  upstream.add("library/busybox", oci.image(), "latest");
  assert.equal((await pull(cache)).cache, "MISS");
  upstream.forget();
  for (let i = 0; i < 3; i++) assert.equal((await pull(cache)).cache, "HIT");
  assert.equal((await cache.client.head(path)).headers.get("x-cache"), "HIT");
  assert.equal(upstream.count(), 0);
});

test("after its TTL a tag is asked for by a conditional HEAD", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream, { ttl: 0 });
  const image = oci.image();
  upstream.add("library/busybox", image, "latest");
  await pull(cache);
  upstream.forget();
  assert.deepEqual([(await pull(cache)).cache, (await pull(cache)).digest], ["REVALIDATED", image.digest]);
  assert.deepEqual(
    upstream.requests.map(({ method }) => method),
    ["HEAD", "HEAD"],
  );
  assert.ok(upstream.requests.every(({ headers }) => headers["if-none-match"]?.includes(image.digest)));
});

test("a digest is never asked for again", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream, { ttl: 0 });
  const image = oci.image();
  upstream.add("library/busybox", image, "latest");
  await pull(cache);
  upstream.forget();
  const answer = await cache.client.get(`/v2/docker.io/library/busybox/manifests/${image.digest}`);
  assert.equal(answer.headers.get("x-cache"), "HIT");
  assert.equal(upstream.count(), 0);
});

test("the tag moved: the new image comes, and the old one stays by digest", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream, { ttl: 0 });
  const [before, after] = [oci.image(), oci.image()];
  upstream.add("library/busybox", before, "latest");
  await pull(cache);
  upstream.add("library/busybox", after, "latest");
  assert.deepEqual([(await pull(cache)).digest], [after.digest]);
  const old = await cache.client.get(`/v2/docker.io/library/busybox/manifests/${before.digest}`);
  assert.equal(old.headers.get("x-cache"), "HIT");
  upstream.add("library/busybox", before, "latest");
  upstream.forget();
  assert.deepEqual([(await pull(cache)).digest], [before.digest]);
  assert.deepEqual(
    upstream.requests.map(({ method }) => method),
    ["HEAD"],
    "what is here already isn't fetched again",
  );
});

/** What is cached is served while the upstream answers so, and marked. */
function staleWhile(name: string, fault: Faults): void {
  test(name, async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream, { ttl: 0, timeout: 500, missing_ttl: 1 });
    const image = oci.image();
    upstream.add("library/busybox", image, "latest");
    await pull(cache);
    upstream.harm(ofManifests, fault);
    const stale = await pull(cache);
    assert.deepEqual([stale.status, stale.cache, stale.digest], [200, "STALE", image.digest]);
    const unknown = await cache.client.get("/v2/docker.io/library/never/manifests/latest");
    assert.ok([404, 429, 502].includes(unknown.status), `what isn't cached: ${unknown.status}`);
  });
}

describe("stale if error", () => {
  for (const status of [401, 403, 404, 408, 429, 500, 502, 503, 504]) staleWhile(`${status}`, { status });
  staleWhile("no answer", "silence");
  staleWhile("a reset connection", "reset");
  staleWhile("a page instead of a manifest", ["no-digest", "html"]);

  test("the upstream is gone altogether", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream, { ttl: 0 });
    upstream.add("library/busybox", oci.image(), "latest");
    await pull(cache);
    await upstream.stop();
    for (let i = 0; i < 8; i++) assert.equal((await pull(cache)).cache, "STALE");
  });
});

describe("the image is gone", () => {
  test("with `gone: keep` it is served as it was", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream, { ttl: 0, gone: "keep" });
    upstream.add("library/busybox", oci.image(), "latest");
    await pull(cache);
    upstream.harm(ofManifests, "gone");
    assert.equal((await pull(cache)).cache, "STALE");
  });

  test("with `gone: purge` its tag goes, and comes back with the image", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream, { ttl: 0, gone: "purge", missing_ttl: 50 });
    const image = oci.image();
    upstream.add("library/busybox", image, "latest");
    await pull(cache);
    upstream.harm(ofManifests, "gone");
    assert.equal((await pull(cache)).status, 404);
    upstream.heal();
    const deadline = Date.now() + 10_000;
    let again = await pull(cache);
    while (again.status === 404 && Date.now() < deadline) again = await pull(cache);
    assert.deepEqual([again.status, again.digest], [200, image.digest]);
  });
});

test("what isn't there isn't asked for again at once", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream, { missing_ttl: 60_000 });
  for (let i = 0; i < 3; i++) assert.equal((await pull(cache)).status, 404);
  assert.equal(upstream.count("manifest"), 1);
});

describe("the upstream's limits", () => {
  test("429 with Retry-After: it is left alone so long, and the client is told", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream);
    upstream.add("library/busybox", oci.image(), "latest");
    upstream.harm("manifest", { status: 429, headers: { "retry-after": "77" } });
    for (let i = 0; i < 3; i++) {
      const { status, retryAfter } = await pull(cache);
      assert.equal(status, 429);
      assert.ok(Number(retryAfter) > 60 && Number(retryAfter) <= 77, `Retry-After: ${retryAfter}`);
    }
    assert.equal(upstream.count("manifest"), 1, "it was asked once");
  });

  test("429 without Retry-After: it is left alone for a while all the same", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream);
    upstream.harm("manifest", { status: 429 });
    for (let i = 0; i < 3; i++) assert.equal((await pull(cache)).status, 429);
    assert.equal(upstream.count("manifest"), 1);
  });

  test("ratelimit-remaining: 0 is heeded before there is a 429", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream);
    upstream.add("library/busybox", oci.image(), "latest");
    upstream.add("library/alpine", oci.image(), "latest");
    upstream.harm("manifest", { headers: { "ratelimit-remaining": "0;w=21600" } });
    assert.equal((await pull(cache)).status, 200);
    assert.equal((await cache.client.get("/v2/docker.io/library/alpine/manifests/latest")).status, 429);
    assert.equal(upstream.count("manifest"), 1);
  });

  test("an upstream that fails again and again is left alone, then tried", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream);
    upstream.harm("manifest", { status: 500 });
    for (let i = 0; i < 20; i++) {
      const answer = await cache.client.get(`/v2/docker.io/library/n${i}/manifests/latest`);
      assert.equal(answer.status, 502);
    }
    assert.ok(upstream.count("manifest") <= 6, `it was asked ${upstream.count("manifest")} times`);
  });
});

test("500, then good: the pull succeeds", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const image = oci.image();
  upstream.add("library/busybox", image, "latest");
  upstream.harm("manifest", { status: 500 }, 1);
  upstream.harm("blob", { status: 500 }, 1);
  assert.equal((await pull(cache)).status, 200);
  const blob = await cache.client.get(`/v2/docker.io/library/busybox/blobs/${image.blobs[0]?.digest}`);
  assert.equal(blob.status, 200);
});

test("offline: only what is there is served, and the upstream isn't asked", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream, { offline: true });
  upstream.add("library/busybox", oci.image(), "latest");
  const { status, body } = await pull(cache);
  assert.equal(status, 404);
  assert.match(body, /offline/);
  assert.equal((await cache.client.get("/v2/docker.io/library/busybox/tags/list")).status, 404);
  assert.equal(upstream.count(), 0);
});
