import assert from "node:assert/strict";
import { test } from "node:test";
import { expectStatus } from "../harness/registry-response.ts";
import { freshBytes, oci } from "../harness/registry-client.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { startCache } from "./cache.ts";
import { until } from "./until.ts";

test("a manifest that says another size than the blob has: the error names the repository as people know it", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const digest = upstream.addBlob("library/busybox", freshBytes(3_000));
  const blob = `/v2/docker.io/library/busybox/blobs/${digest}`;
  expectStatus(await cache.client.get(blob), 200);
  await until(async () => (await cache.client.head(blob)).headers.get("x-cache") === "HIT");
  const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size: 5 };
  upstream.add("library/busybox", oci.image({ layers: [layer] }), "latest");
  const answer = await cache.client.get("/v2/docker.io/library/busybox/manifests/latest");
  expectStatus(answer, 502);
  assert.match(answer.body.toString(), /in docker\.io\/library\/busybox it has 3000/);
});
