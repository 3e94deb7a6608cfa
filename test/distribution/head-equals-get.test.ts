import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { oci, registryClient, unknownDigest } from "../harness/registry-client.ts";

const image = oci.image();
const wide = oci.image({ algorithm: "sha512" });

for (const path of [
  "manifests/latest",
  `manifests/${image.digest}`,
  `manifests/${wide.digest}`,
  `blobs/${image.blobs[1]?.digest ?? ""}`,
  `blobs/${wide.blobs[1]?.digest ?? ""}`,
  "manifests/missing",
  `blobs/${unknownDigest()}`,
  "blobs/nonsense",
]) {
  test(`HEAD has GET's status and headers and no body: ${path.slice(0, 30)}`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    await client.push("app", image, "latest");
    await client.push("app", wide);
    const get = await client.get(`/v2/app/${path}`);
    const head = await client.head(`/v2/app/${path}`);
    assert.equal(head.status, get.status);
    assert.deepEqual(head.headers.comparable(), get.headers.comparable());
    assert.equal(head.body.length, 0);
    assert.equal(get.headers.get("content-length"), String(get.body.length));
  });
}
