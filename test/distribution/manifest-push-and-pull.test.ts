import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { digestOf, expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";

for (const algorithm of ["sha256", "sha512"] as const) {
  test(`a manifest pushed by ${algorithm} digest comes back as it was pushed`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    const image = oci.image({ algorithm });
    const put = await client.push("app/web", image);
    assert.equal(put.headers.get("docker-content-digest"), image.digest);
    for (const path of [client.pathOf(put), `/v2/app/web/manifests/${image.digest}`]) {
      for (const answer of [await client.get(path), await client.head(path)]) {
        expectStatus(answer, 200);
        assert.equal(answer.headers.get("content-type"), image.mediaType);
        assert.equal(answer.headers.get("content-length"), String(image.size));
        assert.equal(answer.headers.get("docker-content-digest"), image.digest);
      }
      assert.ok((await client.get(path)).body.equals(image.bytes));
    }
  });
}

test("a manifest pushed by tag is there by tag and by sha256 digest", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  const put = await client.push("app/web", image, "v1.0_rc-1");
  assert.equal(put.headers.get("docker-content-digest"), image.digest);
  for (const path of [
    client.pathOf(put),
    "/v2/app/web/manifests/v1.0_rc-1",
    `/v2/app/web/manifests/${image.digest}`,
  ]) {
    const get = await client.get(path);
    expectStatus(get, 200);
    assert.ok(get.body.equals(image.bytes));
    assert.equal(get.headers.get("docker-content-digest"), image.digest);
  }
});

test("a tag moves, and what it pointed to stays there by digest", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const [first, second] = [oci.image(), oci.image()];
  await client.push("app", first, "latest");
  await client.push("app", second, "latest");
  assert.ok((await client.get("/v2/app/manifests/latest")).body.equals(second.bytes));
  assert.ok((await client.get(`/v2/app/manifests/${first.digest}`)).body.equals(first.bytes));
});

test("the same manifest pushed twice is 201 twice", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("app", image, "latest");
  expectStatus(await client.putManifest("app", "latest", image.bytes, image.mediaType), 201);
  expectStatus(await client.putManifest("app", image.digest, image.bytes, image.mediaType), 201);
});

test("Content-Type never gains a charset, and one that the client sent is ignored", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("app", image, "plain");
  const put = await client.putManifest("app", "charset", image.bytes, `${image.mediaType}; charset=utf-8`);
  expectStatus(put, 201);
  for (const tag of ["plain", "charset"]) {
    for (const answer of [
      await client.get(`/v2/app/manifests/${tag}`),
      await client.head(`/v2/app/manifests/${tag}`),
    ]) {
      assert.equal(answer.headers.get("content-type"), image.mediaType);
    }
  }
  const tags = await client.get("/v2/app/tags/list");
  assert.equal(tags.headers.get("content-type"), "application/json");
  const catalog = await client.get("/v2/_catalog");
  assert.equal(catalog.headers.get("content-type"), "application/json");
});

test("bytes are kept verbatim: odd spacing, escapes, key order, trailing newlines", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const config = freshBytes();
  await client.pushBlob(config, { repo: "app" });
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const text =
    `\n\t{ "layers" :[ ],"annotations":{"\\u0062":"\\u00e9 é \\/ 😀","a":"<>&"},\r\n "schemaVersion":  2,` +
    `"config":{"size":${config.length},"digest":"${digestOf(config)}",` +
    `"mediaType":"application/vnd.oci.image.config.v1+json"},"mediaType":"${mediaType}","x":1.0e2}\n\n `;
  const bytes = Buffer.from(text);
  expectStatus(await client.putManifest("app", digestOf(bytes), bytes, mediaType), 201);
  assert.ok((await client.get(`/v2/app/manifests/${digestOf(bytes)}`)).body.equals(bytes));
});

test("the manifest is served as it is whatever Accept says", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("app", image, "latest");
  for (const accept of ["*/*", "application/vnd.oci.image.index.v1+json", "text/html", image.mediaType]) {
    const get = await client.get("/v2/app/manifests/latest", { accept, "accept-encoding": "gzip, br" });
    expectStatus(get, 200);
    assert.ok(get.body.equals(image.bytes));
    assert.equal(get.headers.get("content-type"), image.mediaType);
    assert.equal(get.headers.get("content-encoding"), undefined);
  }
});

test("what was pushed is there after a restart", async () => {
  await using berth = await startBerth();
  const image = oci.image({ algorithm: "sha512" });
  const index = oci.index({ manifests: [image.descriptor], annotations: { a: "b" } });
  const before = registryClient(berth.url);
  await before.push("app", image);
  await before.push("app", index, "latest");
  await berth.restart();
  const after = registryClient(berth.url);
  assert.ok((await after.get("/v2/app/manifests/latest")).body.equals(index.bytes));
  assert.ok((await after.get(`/v2/app/manifests/${image.digest}`)).body.equals(image.bytes));
  for (const blob of image.blobs) {
    assert.ok((await after.get(`/v2/app/blobs/${blob.digest}`)).body.equals(blob.bytes));
  }
});

test("the same bytes under sha256 and sha512 are answered in the algorithm asked for", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("app", image, "latest");
  const wide = digestOf(image.bytes, "sha512");
  expectStatus(await client.putManifest("app", wide, image.bytes, image.mediaType), 201);
  const layer = image.blobs[1]?.bytes ?? Buffer.alloc(0);
  await client.pushBlob(layer, { repo: "app", algorithm: "sha512" });
  for (const digest of [image.digest, wide]) {
    const { headers } = await client.head(`/v2/app/manifests/${digest}`);
    assert.equal(headers.get("docker-content-digest"), digest);
  }
  for (const digest of [digestOf(layer), digestOf(layer, "sha512")]) {
    const { headers } = await client.head(`/v2/app/blobs/${digest}`);
    assert.equal(headers.get("docker-content-digest"), digest);
  }
  expectStatus(await client.remove(`/v2/app/manifests/${wide}`), 202);
  expectStatus(await client.get(`/v2/app/manifests/${image.digest}`), 200);
});
