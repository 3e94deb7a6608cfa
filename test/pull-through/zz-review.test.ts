import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { test } from "node:test";
import { AppError } from "#core/errors.ts";
import { createWeather } from "#pull-through/weather.ts";
import { freshBytes, oci } from "../harness/registry-client.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { startCache } from "./cache.ts";
import { until } from "./until.ts";

const open = () =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes("berth-test-");
    } catch {
      return false;
    }
  }).length;

test("T1 kelvin", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream, { name: "registry.k8s.io" });
  upstream.add("pause", oci.image(), "latest");
  const got = await cache.client.get(`/v2/pause/manifests/latest?ns=${encodeURIComponent("registry.\u212a8s.io")}`);
  assert.equal(got.status, 404, got.body.toString());
});

test("T2 HEAD not supported is no proof", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const image = oci.image({ layers: [freshBytes(300_000)] });
  upstream.add("library/private", image, "latest");
  upstream.add("library/public", oci.image(), "latest");
  const d = image.blobs[1]?.digest;
  assert.equal((await cache.client.get(`/v2/docker.io/library/private/blobs/${d}`)).status, 200);
  await until(async () => (await cache.client.head(`/v2/docker.io/library/private/blobs/${d}`)).headers.get("x-cache") === "HIT");
  upstream.harm("head-blob", { status: 405 });
  const got = await cache.client.get(`/v2/docker.io/library/public/blobs/${d}`);
  assert.equal(got.status, 404);
});

test("T3 descriptors of blobs without length", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  upstream.harm("blob", "no-length");
  await cache.client.get("/v2/");
  const before = open();
  for (let i = 0; i < 10; i++) {
    const d = upstream.addBlob("library/x", freshBytes(300_000));
    assert.equal((await cache.client.get(`/v2/docker.io/library/x/blobs/${d}`)).status, 200);
  }
  await new Promise((r) => setTimeout(r, 200));
  assert.equal(open(), before);
});

test("T4 cached name in errors", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const bytes = freshBytes(300_000);
  const d = upstream.addBlob("library/x", bytes);
  assert.equal((await cache.client.get(`/v2/docker.io/library/x/blobs/${d}`)).status, 200);
  await until(async () => (await cache.client.head(`/v2/docker.io/library/x/blobs/${d}`)).headers.get("x-cache") === "HIT");
  const bait = oci.image({ layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", digest: d, size: 5 }] });
  upstream.add("library/x", bait, "latest");
  const got = await cache.client.get("/v2/docker.io/library/x/manifests/latest");
  console.log(got.status, got.body.toString());
  assert.ok(!got.body.toString().includes("!"));
});

test("T5 one burst of failures is one failure", async () => {
  const w = createWeather("x", () => 1000);
  const fail = () => w.ask(async () => { await new Promise((r) => setTimeout(r, 5)); throw new AppError("upstream-failed", "no"); }).catch((e: AppError) => e);
  await Promise.all(Array.from({ length: 64 }, fail));
  const e = (await fail()) as AppError;
  console.log(e.retryAfter);
  assert.ok((e.retryAfter ?? 0) <= 5, `left alone for ${e.retryAfter} s`);
});

test("T6 part of a lie", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const image = oci.image({ layers: [freshBytes(700_000)] });
  upstream.add("library/x", image, "latest");
  const other = freshBytes(700_000);
  upstream.harm("blob", { status: 200, headers: {}, body: other.toString("latin1") });
  const d = image.blobs[1]?.digest;
  await cache.client.get("/v2/docker.io/library/x/manifests/latest");
  upstream.heal();
  upstream.harm("blob", "wrong-digest");
  const got = await cache.client.get(`/v2/docker.io/library/x/blobs/${d}`, { range: "bytes=0-99999" }).catch(() => undefined);
  console.log(got?.status, got?.body.length);
  assert.ok(got === undefined || got.status >= 400);
});

test("T8 HEAD of a missing blob is remembered", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  upstream.add("library/x", oci.image(), "latest");
  for (let i = 0; i < 5; i++) assert.equal((await cache.client.head(`/v2/docker.io/library/x/blobs/sha256:${"a".repeat(64)}`)).status, 404);
  assert.equal(upstream.count("head-blob"), 1);
});

test("T13 one 500 to the HEAD before a mount", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const bytes = freshBytes(300_000);
  const d = upstream.addBlob("library/a", bytes);
  upstream.addBlob("library/b", bytes);
  assert.equal((await cache.client.get(`/v2/docker.io/library/a/blobs/${d}`)).status, 200);
  await until(async () => (await cache.client.head(`/v2/docker.io/library/a/blobs/${d}`)).headers.get("x-cache") === "HIT");
  upstream.harm("head-blob", { status: 500 }, 1);
  assert.equal((await cache.client.get(`/v2/docker.io/library/b/blobs/${d}`)).status, 200);
});
