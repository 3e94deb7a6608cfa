import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectError, expectStatus, oci, registryClient } from "../harness/registry-client.ts";
import { tagsOf } from "./pages.ts";

test("DELETE of a tag takes the tag only", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("app", image, "one");
  await client.push("app", image, "two");
  expectStatus(await client.remove("/v2/app/manifests/one"), 202);
  expectError(await client.get("/v2/app/manifests/one"), 404, "MANIFEST_UNKNOWN");
  expectError(await client.remove("/v2/app/manifests/one"), 404, "MANIFEST_UNKNOWN");
  assert.ok((await client.get("/v2/app/manifests/two")).body.equals(image.bytes));
  expectStatus(await client.remove("/v2/app/manifests/two"), 202);
  assert.ok((await client.get(`/v2/app/manifests/${image.digest}`)).body.equals(image.bytes));
  assert.deepEqual(tagsOf(await client.get("/v2/app/tags/list")), []);
});

test("DELETE of a manifest takes every tag that points to it and no other", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const [image, other] = [oci.image(), oci.image()];
  await client.push("app", other, "keep");
  for (const tag of ["one", "two", "three"]) await client.push("app", image, tag);
  expectStatus(await client.remove(`/v2/app/manifests/${image.digest}`), 202);
  for (const reference of [image.digest, "one", "two", "three"]) {
    expectError(await client.get(`/v2/app/manifests/${reference}`), 404, "MANIFEST_UNKNOWN");
    expectError(await client.head(`/v2/app/manifests/${reference}`), 404);
  }
  assert.deepEqual(tagsOf(await client.get("/v2/app/tags/list")), ["keep"]);
  expectError(await client.remove(`/v2/app/manifests/${image.digest}`), 404, "MANIFEST_UNKNOWN");
  // Blobs stay until something collects them.
  for (const blob of image.blobs) expectStatus(await client.get(`/v2/app/blobs/${blob.digest}`), 200);
});

test("a manifest deleted in one repository stays in another", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("one", image, "latest");
  await client.push("two", image, "latest");
  expectStatus(await client.remove(`/v2/one/manifests/${image.digest}`), 202);
  assert.ok((await client.get("/v2/two/manifests/latest")).body.equals(image.bytes));
});

test("the child of an index may be deleted, the index stays", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  const index = oci.index({ manifests: [image.descriptor] });
  await client.push("app", image);
  await client.push("app", index, "latest");
  expectStatus(await client.remove(`/v2/app/manifests/${image.digest}`), 202);
  assert.ok((await client.get("/v2/app/manifests/latest")).body.equals(index.bytes));
});

test("a deleted manifest can be pushed again", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("app", image, "latest");
  expectStatus(await client.remove(`/v2/app/manifests/${image.digest}`), 202);
  await client.push("app", image, "latest");
  assert.ok((await client.get("/v2/app/manifests/latest")).body.equals(image.bytes));
});
