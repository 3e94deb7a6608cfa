import assert from "node:assert/strict";
import { test } from "node:test";
import { freshBytes, oci } from "../harness/registry-client.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { startCache } from "./cache.ts";
import { until } from "./until.ts";

test("an image is fetched once and then served from here, by path", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const image = oci.image({ layers: [freshBytes(2_000_000), freshBytes(500)] });
  upstream.add("library/busybox", image, "latest");
  for (const state of ["MISS", "HIT"]) {
    const manifest = await cache.client.get("/v2/docker.io/library/busybox/manifests/latest");
    assert.equal(manifest.status, 200, manifest.body.toString());
    assert.equal(manifest.headers.get("x-cache"), state);
    assert.match(manifest.headers.get("age") ?? "", /^\d+$/);
    assert.deepEqual(manifest.body, image.bytes);
    assert.equal(manifest.headers.get("docker-content-digest"), image.digest);
    for (const blob of image.blobs) {
      const path = `/v2/docker.io/library/busybox/blobs/${blob.digest}`;
      if (state === "HIT")
        await until(async () => (await cache.client.head(path)).headers.get("x-cache") === state);
      const got = await cache.client.get(path);
      assert.equal(got.status, 200);
      assert.equal(got.headers.get("x-cache"), state);
      assert.deepEqual(got.body, blob.bytes);
    }
  }
  assert.equal(upstream.count("manifest"), 1);
  assert.equal(upstream.count("blob"), image.blobs.length);
});
