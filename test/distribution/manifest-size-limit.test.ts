import assert from "node:assert/strict";
import { Readable } from "node:stream";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { digestOf, expectError, expectStatus, oci, registryClient } from "../harness/registry-client.ts";

const limit = 4 * 1024 * 1024;

/** An image of exactly `size` bytes: JSON may end in any number of blanks. */
function sized(size: number) {
  const image = oci.image();
  const bytes = Buffer.concat([image.bytes, Buffer.alloc(size - image.size, " ")]);
  return { ...image, bytes, size, digest: digestOf(bytes) };
}

test("a manifest of exactly 4 MiB is accepted and comes back", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = sized(limit);
  await client.push("app", image, "big");
  const get = await client.get("/v2/app/manifests/big");
  expectStatus(get, 200);
  assert.ok(get.body.equals(image.bytes));
});

for (const how of ["with a Content-Length", "streamed without a length"]) {
  test(`a manifest of 4 MiB and one byte ${how} is 413 and isn't there`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    const image = sized(limit + 1);
    for (const blob of image.blobs) await client.pushBlob(blob.bytes, { repo: "app" });
    const body = how === "with a Content-Length" ? image.bytes : Readable.from([image.bytes]);
    expectError(await client.putManifest("app", "big", body, image.mediaType), 413, "SIZE_INVALID");
    expectError(await client.get("/v2/app/manifests/big"), 404, "MANIFEST_UNKNOWN");
    expectError(await client.get(`/v2/app/manifests/${image.digest}`), 404, "MANIFEST_UNKNOWN");
  });
}

test("a manifest that announces a terabyte is refused before its bytes", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const { request, response } = client.begin("PUT", "/v2/app/manifests/big", {
    headers: { "content-type": oci.image().mediaType, "content-length": 2 ** 40 },
  });
  request.on("error", () => undefined);
  request.write("{");
  const answer = await response;
  assert.equal(answer.statusCode, 413);
  request.destroy();
});

test("limits.manifest_size sets the limit", async () => {
  await using berth = await startBerth({ limits: { manifest_size: 2_000 } });
  const client = registryClient(berth.url);
  await client.push("app", sized(2_000), "fits");
  const image = sized(2_001);
  expectError(await client.putManifest("app", "big", image.bytes, image.mediaType), 413, "SIZE_INVALID");
});
