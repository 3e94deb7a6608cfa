import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectError, expectStatus, oci, registryClient, unknownDigest } from "../harness/registry-client.ts";

type Allow = "none" | "index" | "any";
const rule = (allow: Allow) => ({ policy: { missing_references: [{ repositories: "**", allow }] } });
const layer = () => ({
  mediaType: "application/vnd.oci.image.layer.v1.tar",
  digest: unknownDigest(),
  size: 10,
});

for (const [allow, image, index] of [
  ["none", 404, 404],
  ["index", 404, 201],
  ["any", 201, 201],
] as [Allow, number, number][]) {
  test(`missing_references ${allow}: an image that lacks a layer is ${image}`, async () => {
    await using berth = await startBerth(rule(allow));
    const client = registryClient(berth.url);
    const missing = layer();
    const sparse = oci.image({ layers: [missing] });
    for (const blob of sparse.blobs) await client.pushBlob(blob.bytes, { repo: "app" });
    const put = await client.putManifest("app", "sparse", sparse.bytes, sparse.mediaType);
    const get = await client.get("/v2/app/manifests/sparse");
    if (image === 201) {
      expectStatus(put, 201);
      assert.ok(get.body.equals(sparse.bytes));
      return;
    }
    expectError(put, image, "MANIFEST_BLOB_UNKNOWN");
    assert.ok(put.body.toString().includes(missing.digest), put.body.toString());
    expectError(get, 404, "MANIFEST_UNKNOWN");
    expectError(await client.get(`/v2/app/manifests/${sparse.digest}`), 404, "MANIFEST_UNKNOWN");
  });

  test(`missing_references ${allow}: an image that lacks its config is ${image}`, async () => {
    await using berth = await startBerth(rule(allow));
    const client = registryClient(berth.url);
    const sparse = oci.image({ layers: [] });
    const put = await client.putManifest("app", "sparse", sparse.bytes, sparse.mediaType);
    if (image === 201) expectStatus(put, 201);
    else expectError(put, image, "MANIFEST_BLOB_UNKNOWN");
  });

  test(`missing_references ${allow}: an index that lacks a child is ${index}`, async () => {
    await using berth = await startBerth(rule(allow));
    const client = registryClient(berth.url);
    const [here, away] = [oci.image(), oci.image()];
    await client.push("app", here);
    const sparse = oci.index({ manifests: [here.descriptor, away.descriptor] });
    const put = await client.putManifest("app", "sparse", sparse.bytes, sparse.mediaType);
    if (index === 201) expectStatus(put, 201);
    else {
      expectError(put, index, "MANIFEST_BLOB_UNKNOWN");
      assert.ok(put.body.toString().includes(away.digest), put.body.toString());
      expectError(await client.get("/v2/app/manifests/sparse"), 404, "MANIFEST_UNKNOWN");
    }
  });

  test(`missing_references ${allow}: what is complete is accepted, a missing subject too`, async () => {
    await using berth = await startBerth(rule(allow));
    const client = registryClient(berth.url);
    const subject = oci.image();
    const image = oci.image({ subject: subject.descriptor });
    await client.push("app", image, "image");
    await client.push(
      "app",
      oci.index({ manifests: [image.descriptor], subject: subject.descriptor }),
      "index",
    );
  });
}

test("without a policy, children of an index may be missing and blobs of an image may not", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const index = oci.index({ manifests: [oci.image().descriptor] });
  expectStatus(await client.putManifest("app", "index", index.bytes, index.mediaType), 201);
  const image = oci.image();
  const put = await client.putManifest("app", "image", image.bytes, image.mediaType);
  expectError(put, 404, "MANIFEST_BLOB_UNKNOWN");
  // Every hole is told, so that a client can fill them all at once.
  for (const blob of image.blobs) assert.ok(put.body.toString().includes(blob.digest), put.body.toString());
});

test("the first rule whose glob matches the repository holds", async () => {
  const rules = [
    { repositories: "strict/*", allow: "none" as const },
    { repositories: "mirror/**", allow: "any" as const },
  ];
  await using berth = await startBerth({ policy: { missing_references: rules } });
  const client = registryClient(berth.url);
  const image = oci.image();
  const index = oci.index({ manifests: [image.descriptor] });
  for (const [repo, content, status] of [
    ["strict/app", index, 404],
    ["mirror/a/b/c", image, 201],
    ["mirror/a", index, 201],
    ["other", index, 201],
    ["other", image, 404],
  ] as const) {
    const put = await client.putManifest(repo, "latest", content.bytes, content.mediaType);
    if (status === 201) expectStatus(put, 201);
    else expectError(put, status, "MANIFEST_BLOB_UNKNOWN");
  }
});
