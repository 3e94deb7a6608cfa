import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectError, expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";

test("a blob deleted from a repository doesn't come back through a cache of the server's", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const digest = await client.pushBlob(freshBytes(5_000), { repo: "app" });
  await client.request("POST", `/v2/keeps/blobs/uploads/?mount=${digest}&from=app`);
  const path = `/v2/app/blobs/${digest}`;
  // Whatever may be warmed is warm: by head, whole, range and condition, here and in the other repository.
  for (let i = 0; i < 3; i++) {
    expectStatus(await client.head(path), 200);
    expectStatus(await client.get(path), 200);
    expectStatus(await client.get(path, { range: "bytes=1-2" }), 206);
    expectStatus(await client.get(`/v2/keeps/blobs/${digest}`), 200);
  }
  expectStatus(await client.remove(path), 202);
  for (let i = 0; i < 3; i++) {
    expectStatus(await client.get(`/v2/keeps/blobs/${digest}`), 200);
    expectError(await client.head(path), 404);
    expectError(await client.get(path), 404, "BLOB_UNKNOWN");
    expectError(await client.get(path, { range: "bytes=1-2" }), 404, "BLOB_UNKNOWN");
    expectError(await client.get(path, { "if-none-match": `"${digest}"` }), 404, "BLOB_UNKNOWN");
  }
  const mount = await client.request("POST", `/v2/third/blobs/uploads/?mount=${digest}&from=app`);
  expectStatus(mount, 202);
});

test("a blob deleted from a repository doesn't come back through a cache in between", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("app", image, "latest");
  for (const path of [
    `blobs/${image.blobs[1]?.digest ?? ""}`,
    `manifests/${image.digest}`,
    "manifests/latest",
  ]) {
    const { headers } = await client.get(`/v2/app/${path}`);
    const control = (headers.get("cache-control") ?? "").split(/, */);
    // Without a word, or with max-age alone, a shared cache may answer for what was deleted (RFC 9111).
    assert.ok(
      control.some((word) => ["private", "no-store", "no-cache"].includes(word)),
      `${path}: Cache-Control: ${control.join(", ")}`,
    );
  }
});

test("a tag is never answered from a cache without asking", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  await client.push("app", oci.image(), "latest");
  for (const path of ["manifests/latest", "tags/list", "manifests/none"]) {
    const { headers } = await client.get(`/v2/app/${path}`);
    assert.doesNotMatch(headers.get("cache-control") ?? "", /max-age=[1-9]|immutable|public/);
  }
});

test("blobs deleted and manifests deleted stay away after a restart", async () => {
  await using berth = await startBerth();
  const image = oci.image();
  const before = registryClient(berth.url);
  await before.push("app", image, "latest");
  expectStatus(await before.remove(`/v2/app/manifests/${image.digest}`), 202);
  for (const blob of image.blobs) expectStatus(await before.remove(`/v2/app/blobs/${blob.digest}`), 202);
  await berth.restart();
  const after = registryClient(berth.url);
  expectError(await after.get("/v2/app/manifests/latest"), 404, "MANIFEST_UNKNOWN");
  expectError(await after.get(`/v2/app/manifests/${image.digest}`), 404, "MANIFEST_UNKNOWN");
  for (const blob of image.blobs)
    expectError(await after.get(`/v2/app/blobs/${blob.digest}`), 404, "BLOB_UNKNOWN");
});
