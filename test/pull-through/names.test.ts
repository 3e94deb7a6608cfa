import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectError, expectStatus } from "../harness/registry-response.ts";
import { freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { startCache } from "./cache.ts";

const local = { host: "127.0.0.1", port: 0 };

describe("ns, as containerd sends it", () => {
  test("means the upstream's repository, and is answered as OCI-Namespace", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream, { aliases: ["registry-1.docker.io"] });
    const image = oci.image();
    upstream.add("library/busybox", image, "latest");
    for (const ns of ["docker.io", "registry-1.docker.io", "DOCKER.IO"]) {
      const answer = await cache.client.get(`/v2/library/busybox/manifests/latest?ns=${ns}`);
      expectStatus(answer, 200);
      assert.equal(answer.headers.get("oci-namespace"), ns);
      assert.deepEqual(answer.body, image.bytes);
    }
    assert.equal(upstream.count("manifest"), 1);
    const tags = await cache.client.get("/v2/library/busybox/tags/list?ns=docker.io");
    assert.deepEqual(JSON.parse(tags.body.toString()), { name: "library/busybox", tags: ["latest"] });
  });

  for (const ns of [
    "169.254.169.254",
    "localhost:5000",
    "127.0.0.1",
    "metadata.google.internal",
    "ghcr.io",
    "",
    "docker.io/",
    "docker.io%00",
    "http://docker.io",
    "..",
  ])
    test(`of ${JSON.stringify(ns)}, which isn't configured, is 404 and nobody is asked`, async () => {
      await using upstream = await startFaultyUpstream();
      await using cache = await startCache(upstream);
      upstream.add("library/busybox", oci.image(), "latest");
      const answer = await cache.client.get(`/v2/library/busybox/manifests/latest?ns=${ns}`);
      expectError(answer, 404, "NAME_UNKNOWN");
      assert.equal(upstream.count(), 0);
    });

  test("never shows a hosted repository, not even one of the upstream's name", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream, { push: "allow" });
    const [hosted, theirs] = [oci.image(), oci.image()];
    await cache.client.push("library/mine", hosted, "latest");
    await cache.client.push("docker.io/library/busybox", hosted, "latest");
    upstream.add("library/busybox", theirs, "latest");
    expectStatus(await cache.client.get("/v2/library/mine/manifests/latest?ns=docker.io"), 404);
    const there = await cache.client.get("/v2/library/busybox/manifests/latest?ns=docker.io");
    assert.deepEqual(there.body, theirs.bytes);
    const pushed = `/v2/library/busybox/blobs/${hosted.blobs[0]?.digest}?ns=docker.io`;
    for (const method of ["HEAD", "GET"]) expectStatus(await cache.client.request(method, pushed), 404);
    const byPath = await cache.client.get("/v2/docker.io/library/busybox/manifests/latest");
    assert.deepEqual(byPath.body, hosted.bytes, "by path the hosted one stands before it");
    assert.equal(byPath.headers.get("x-cache"), undefined);
  });

  test("takes no pushes", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream, { push: "allow" });
    const answer = await cache.client.request("POST", "/v2/library/busybox/blobs/uploads/?ns=docker.io");
    expectError(answer, 405, "UNSUPPORTED");
  });

  test("of the registry's own host means the registry", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream, {}, { external_url: "https://registry.example.org" });
    await cache.client.push("team/app", oci.image(), "v1");
    const answer = await cache.client.get("/v2/team/app/manifests/v1?ns=registry.example.org");
    expectStatus(answer, 200);
  });
});

test("an unqualified name is never an upstream's on the registry's own address", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  upstream.add("library/busybox", oci.image(), "latest");
  for (const name of ["library/busybox", "busybox", "docker.io", "docker.iox/library/busybox"])
    expectStatus(await cache.client.get(`/v2/${name}/manifests/latest`), 404);
  assert.equal(upstream.count(), 0);
});

describe("pushing under an upstream's name", () => {
  test("is denied by default, in words", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream);
    const answer = await cache.client.request("POST", "/v2/docker.io/library/mine/blobs/uploads/");
    expectError(answer, 403, "DENIED");
    assert.match(answer.body.toString(), /docker\.io.*push under another name/);
  });

  test("where it is let in, the hosted repository stands before the upstream's", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream, { push: "allow" });
    const [theirs, ours] = [oci.image(), oci.image()];
    upstream.add("library/busybox", theirs, "latest");
    const path = "/v2/docker.io/library/busybox/manifests/latest";
    assert.deepEqual((await cache.client.get(path)).body, theirs.bytes);
    await cache.client.push("docker.io/library/busybox", ours, "latest");
    assert.deepEqual((await cache.client.get(path)).body, ours.bytes);
    const catalog = await cache.client.get("/v2/_catalog");
    assert.deepEqual(JSON.parse(catalog.body.toString()), { repositories: ["docker.io/library/busybox"] });
  });
});

test("the catalog shows what is cached under its public name, page by page", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  for (const name of ["a", "a-b", "a/c"]) {
    upstream.add(name, oci.image(), "latest");
    expectStatus(await cache.client.get(`/v2/docker.io/${name}/manifests/latest`), 200);
    await cache.client.push(`hosted/${name}`, oci.image(), "latest");
  }
  const seen: string[] = [];
  for (let path = "/v2/_catalog?n=1"; path !== "" && seen.length < 20;) {
    const page = await cache.client.get(path);
    seen.push(...(JSON.parse(page.body.toString()) as { repositories: string[] }).repositories);
    path = /<([^>]+)>/.exec(page.headers.get("link") ?? "")?.[1] ?? "";
  }
  assert.deepEqual(seen, [
    "docker.io/a",
    "docker.io/a-b",
    "docker.io/a/c",
    "hosted/a",
    "hosted/a-b",
    "hosted/a/c",
  ]);
});

describe("an address that is a mirror", () => {
  test("unqualified names are its upstream's, and hosted repositories aren't there", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream, { mirror_listen: [local], push: "allow" });
    const image = oci.image();
    upstream.add("library/busybox", image, "latest");
    await cache.client.push("library/mine", oci.image(), "latest");
    await cache.client.push("docker.io/library/mine", oci.image(), "latest");
    const mirror = registryClient(cache.berth.urls[1] ?? "");
    expectStatus(await mirror.get("/v2/"), 200);
    const answer = await mirror.get("/v2/library/busybox/manifests/latest");
    assert.deepEqual(answer.body, image.bytes);
    for (const name of ["library/mine", "docker.io/library/mine", "docker.io/library/busybox"])
      expectStatus(await mirror.get(`/v2/${name}/manifests/latest`), 404);
    assert.deepEqual(JSON.parse((await mirror.get("/v2/_catalog")).body.toString()), { repositories: [] });
    expectError(await mirror.request("POST", "/v2/library/x/blobs/uploads/"), 405, "UNSUPPORTED");
    expectStatus(await mirror.get("/v2/library/busybox/manifests/latest?ns=ghcr.io"), 404);
    expectStatus(await mirror.get("/v2/library/busybox/manifests/latest?ns=docker.io"), 200);
  });

  test("so is a host name that is configured as one", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream, { mirror_hosts: ["mirror.example.org"] });
    const image = oci.image();
    upstream.add("library/busybox", image, "latest");
    const path = "/v2/library/busybox/manifests/latest";
    for (const host of ["mirror.example.org", "Mirror.Example.Org:5000"]) {
      const answer = await cache.client.get(path, { host });
      assert.deepEqual(answer.body, image.bytes);
    }
    expectStatus(await cache.client.get(path, { host: "mirror.example.org.evil.example" }), 404);
  });
});

describe("the upstream's rules", () => {
  test("what they leave out is refused, in words, and the upstream isn't asked", async () => {
    await using upstream = await startFaultyUpstream();
    await using cache = await startCache(upstream, { allow: ["library/**"], deny: ["library/evil"] });
    for (const name of ["library/good", "library/evil", "someone/else"])
      upstream.add(name, oci.image(), "latest");
    expectStatus(await cache.client.get("/v2/docker.io/library/good/manifests/latest"), 200);
    upstream.forget();
    for (const name of ["library/evil", "someone/else"]) {
      const answer = await cache.client.get(`/v2/docker.io/${name}/manifests/latest`);
      expectError(answer, 403, "DENIED");
      assert.match(answer.body.toString(), /allow, deny/);
    }
    assert.equal(upstream.count(), 0);
  });
});

test("deleting what is cached makes the next pull ask again", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const image = oci.image();
  upstream.add("library/busybox", image, "latest");
  const path = "/v2/docker.io/library/busybox/manifests";
  await cache.client.get(`${path}/latest`);
  expectStatus(await cache.client.remove(`${path}/${image.digest}`), 202);
  expectError(await cache.client.remove(`${path}/${image.digest}`), 404, "MANIFEST_UNKNOWN");
  const again = await cache.client.get(`${path}/latest`);
  assert.equal(again.headers.get("x-cache"), "MISS");
});

test("a registry without upstreams doesn't know ns: who filled it by pushing pulls with it", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  await client.push("library/busybox", oci.image(), "latest");
  const answer = await client.get("/v2/library/busybox/manifests/latest?ns=docker.io");
  expectStatus(answer, 200);
  assert.equal(answer.headers.get("oci-namespace"), undefined);
});

test("a push under the upstream's name may build on what the upstream has, and a push that isn't finished hides nothing", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream, { push: "allow" });
  const base = freshBytes(300_000);
  const theirs = oci.image({ layers: [base] });
  upstream.add("library/busybox", theirs, "latest");
  const name = "docker.io/library/busybox";
  const path = `/v2/${name}/manifests/latest`;
  const ours = oci.image({ layers: [base, freshBytes(100)] });
  const [config, layer, own] = ours.blobs;
  assert.ok(config && layer && own);
  // A client asks first and sends what isn't there.
  assert.equal((await cache.client.head(`/v2/${name}/blobs/${layer.digest}`)).status, 200);
  for (const blob of [config, own]) {
    await cache.client.pushBlob(blob.bytes, { repo: name });
    expectStatus(await cache.client.head(`/v2/${name}/blobs/${blob.digest}`), 200);
  }
  assert.deepEqual((await cache.client.get(path)).body, theirs.bytes, "it isn't hosted yet");
  expectStatus(await cache.client.putManifest(name, "mine", ours.bytes, ours.mediaType), 201);
  for (const blob of ours.blobs)
    assert.deepEqual((await cache.client.get(`/v2/${name}/blobs/${blob.digest}`)).body, blob.bytes);
  expectStatus(await cache.client.get(path), 404);
  const unknown = oci.image({ layers: [freshBytes(50)] });
  expectStatus(await cache.client.putManifest(name, "x", unknown.bytes, unknown.mediaType), 404);
});
