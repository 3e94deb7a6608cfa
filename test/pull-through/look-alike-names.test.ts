import assert from "node:assert/strict";
import { test } from "node:test";
import { oci } from "../harness/registry-client.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { startCache } from "./cache.ts";

test("an ns that only looks like an upstream's name is 404, not a fault of the server", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream, { name: "registry.k8s.io" });
  upstream.add("pause", oci.image(), "latest");
  // The Kelvin sign, whose lower case is a plain k; a full-width letter; a line break.
  for (const ns of ["registry.\u212a8s.io", "registry.\uff4b8s.io", "registry.k8s.io\r\nx: y"]) {
    const answer = await cache.client.get(`/v2/pause/manifests/latest?ns=${encodeURIComponent(ns)}`);
    assert.equal(answer.status, 404, answer.body.toString());
  }
  assert.equal((await cache.client.get("/v2/pause/manifests/latest?ns=Registry.K8S.io")).status, 200);
});
