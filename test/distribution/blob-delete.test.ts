import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectError, expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";

test("DELETE of a blob is 202 and it is gone at once, a second one is 404", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const path = `/v2/app/blobs/${await client.pushBlob(freshBytes(), { repo: "app" })}`;
  expectStatus(await client.remove(path), 202);
  expectError(await client.head(path), 404);
  expectError(await client.get(path), 404, "BLOB_UNKNOWN");
  expectError(await client.remove(path), 404, "BLOB_UNKNOWN");
});

test("DELETE of a blob that a manifest uses is DENIED and names the manifest", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("app", image, "latest");
  for (const blob of image.blobs) {
    const refused = await client.remove(`/v2/app/blobs/${blob.digest}`);
    expectError(refused, 405, "DENIED");
    assert.ok(refused.body.toString().includes(image.digest), refused.body.toString());
    expectStatus(await client.get(`/v2/app/blobs/${blob.digest}`), 200);
  }
  expectStatus(await client.remove(`/v2/app/manifests/${image.digest}`), 202);
  for (const blob of image.blobs) expectStatus(await client.remove(`/v2/app/blobs/${blob.digest}`), 202);
});

test("a blob that two manifests use can go when both are gone", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const layer = freshBytes(50);
  const [first, second] = [oci.image({ layers: [layer] }), oci.image({ layers: [layer] })];
  await client.push("app", first, "one");
  await client.push("app", second, "two");
  const path = `/v2/app/blobs/${first.blobs[1]?.digest ?? ""}`;
  expectStatus(await client.remove(`/v2/app/manifests/${first.digest}`), 202);
  const refused = await client.remove(path);
  expectError(refused, 405, "DENIED");
  assert.ok(refused.body.toString().includes(second.digest));
  expectStatus(await client.remove(`/v2/app/manifests/${second.digest}`), 202);
  expectStatus(await client.remove(path), 202);
});

test("a manifest of another repository doesn't keep a blob here", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("one", image, "latest");
  for (const blob of image.blobs) await client.pushBlob(blob.bytes, { repo: "two" });
  for (const blob of image.blobs) {
    expectStatus(await client.remove(`/v2/two/blobs/${blob.digest}`), 202);
    expectStatus(await client.get(`/v2/one/blobs/${blob.digest}`), 200);
  }
});

test("a deleted blob can be pushed again", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const bytes = freshBytes(1_000);
  for (const how of ["post-put", "post", "patch", "chunked"] as const) {
    const path = `/v2/app/blobs/${await client.pushBlob(bytes, { repo: "app", how })}`;
    assert.ok((await client.get(path)).body.equals(bytes));
    expectStatus(await client.remove(path), 202);
    expectError(await client.get(path), 404, "BLOB_UNKNOWN");
  }
});
