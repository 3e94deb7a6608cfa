import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { digestOf, expectError, oci, registryClient, unknownDigest } from "../harness/registry-client.ts";

for (const algorithm of ["sha256", "sha512"] as const) {
  test(`a manifest PUT at a ${algorithm} digest that isn't its own is 400 and nothing is stored`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    const image = oci.image({ algorithm });
    for (const blob of image.blobs) await client.pushBlob(blob.bytes, { repo: "app", algorithm });
    const padded = Buffer.concat([image.bytes, Buffer.from("  ")]);
    const put = await client.putManifest("app", image.digest, padded, image.mediaType, { tags: ["latest"] });
    expectError(put, 400, "DIGEST_INVALID");
    for (const reference of [image.digest, digestOf(padded, algorithm), "latest"]) {
      expectError(await client.get(`/v2/app/manifests/${reference}`), 404, "MANIFEST_UNKNOWN");
    }
  });
}

test("a manifest PUT at something that looks like a digest and is none is 400", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("app", image, "latest");
  for (const reference of [
    "sha256:baddigeststring",
    "sha256:",
    "md5:" + "a".repeat(32),
    unknownDigest().toUpperCase(),
  ]) {
    const put = await client.putManifest("app", reference, image.bytes, image.mediaType);
    expectError(put, 400, "DIGEST_INVALID");
  }
  const tags = JSON.parse((await client.get("/v2/app/tags/list")).body.toString()) as { tags: string[] };
  assert.deepEqual(tags.tags, ["latest"]);
});

test("a manifest PUT at an invalid tag is 400", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("app", image);
  for (const tag of [".dot", "-dash", "a".repeat(129), "a%20b", "caf%C3%A9"]) {
    const put = await client.putManifest("app", tag, image.bytes, image.mediaType);
    expectError(put, 400, "MANIFEST_INVALID");
  }
});
