import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectError, expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";

const anything = { policy: { missing_references: [{ repositories: "**", allow: "any" as const }] } };

test("a blob known only by digest from another repository is 404", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const digest = await client.pushBlob(freshBytes(), { repo: "team/private" });
  await client.push("team/public", oci.image(), "latest");
  const path = `/v2/team/public/blobs/${digest}`;
  expectError(await client.get(path), 404, "BLOB_UNKNOWN");
  expectError(await client.head(path), 404);
  expectError(await client.get(path, { range: "bytes=0-3" }), 404, "BLOB_UNKNOWN");
  expectError(await client.remove(path), 404, "BLOB_UNKNOWN");
});

test("a manifest known only by digest from another repository is 404", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("team/private", image, "latest");
  await client.push("team/public", oci.image(), "latest");
  expectError(await client.get(`/v2/team/public/manifests/${image.digest}`), 404, "MANIFEST_UNKNOWN");
  expectError(await client.remove(`/v2/team/public/manifests/${image.digest}`), 404, "MANIFEST_UNKNOWN");
  expectStatus(await client.get(`/v2/team/private/manifests/${image.digest}`), 200);
});

for (const what of ["a repository that exists", "a repository that doesn't yet"]) {
  test(`under the default rule a blob linked elsewhere only is missing in ${what}`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    const image = oci.image();
    await client.push("team/private", image, "latest");
    if (what === "a repository that exists") await client.push("team/public", oci.image(), "other");
    const refused = await client.putManifest("team/public", "latest", image.bytes, image.mediaType);
    expectError(refused, 404, "MANIFEST_BLOB_UNKNOWN");
  });
}

test("naming a blob or child that exists elsewhere in a manifest doesn't link it", async () => {
  await using berth = await startBerth(anything);
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("team/private", image, "latest");
  const index = oci.index({ manifests: [image.descriptor] });
  for (const content of [image, index]) {
    const put = await client.putManifest("team/public", content.digest, content.bytes, content.mediaType);
    expectStatus(put, 201);
  }
  for (const blob of image.blobs) {
    expectError(await client.get(`/v2/team/public/blobs/${blob.digest}`), 404, "BLOB_UNKNOWN");
    expectError(await client.head(`/v2/team/public/blobs/${blob.digest}`), 404);
  }
  const other = oci.index({ manifests: [image.descriptor] });
  await client.putManifest("team/third", "latest", other.bytes, other.mediaType);
  expectError(await client.get(`/v2/team/third/manifests/${image.digest}`), 404, "MANIFEST_UNKNOWN");
  // What was a hole becomes whole when the bytes are pushed here.
  for (const blob of image.blobs) {
    await client.pushBlob(blob.bytes, { repo: "team/public" });
    assert.ok((await client.get(`/v2/team/public/blobs/${blob.digest}`)).body.equals(blob.bytes));
  }
});
