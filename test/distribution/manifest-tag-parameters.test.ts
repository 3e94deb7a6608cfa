import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectError, expectStatus, oci, registryClient, type Response } from "../harness/registry-client.ts";

/** OCI-Tag may stand several times, each with several values (RFC 9110 section 5.3). */
function acceptedTags(response: Response): string[] {
  return response.headers
    .all("oci-tag")
    .flatMap((value) => value.split(","))
    .map((tag) => tag.trim())
    .sort();
}

for (const algorithm of ["sha256", "sha512"] as const) {
  test(`a push by ${algorithm} digest with several ?tag= sets them all and says so by OCI-Tag`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    const image = oci.image({ algorithm });
    await client.push("app", image);
    const tags = ["1", "1.2", "1.2.3", "latest", ..."abcdefg".split("")];
    const put = await client.putManifest("app", image.digest, image.bytes, image.mediaType, { tags });
    expectStatus(put, 201);
    assert.deepEqual(acceptedTags(put), tags.toSorted());
    assert.equal(put.headers.get("docker-content-digest"), image.digest);
    for (const tag of tags) {
      const get = await client.get(`/v2/app/manifests/${tag}`);
      expectStatus(get, 200);
      assert.ok(get.body.equals(image.bytes));
      assert.equal(get.headers.get("docker-content-digest"), image.digest);
    }
  });
}

test("?tag= moves tags that pointed elsewhere and repeats do no harm", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const [first, second] = [oci.image(), oci.image()];
  await client.push("app", first, "latest");
  await client.push("app", second);
  const tags = ["latest", "latest", "new"];
  const put = await client.putManifest("app", second.digest, second.bytes, second.mediaType, { tags });
  expectStatus(put, 201);
  assert.deepEqual([...new Set(acceptedTags(put))], ["latest", "new"]);
  assert.ok((await client.get("/v2/app/manifests/latest")).body.equals(second.bytes));
});

test("without ?tag= there is no OCI-Tag", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  assert.deepEqual((await client.push("app", oci.image())).headers.all("oci-tag"), []);
});

test("more ?tag= than limits.tags_per_put is 414 and nothing is written", async () => {
  await using berth = await startBerth({ limits: { tags_per_put: 12 } });
  const client = registryClient(berth.url);
  const image = oci.image();
  for (const blob of image.blobs) await client.pushBlob(blob.bytes, { repo: "app" });
  const many = Array.from({ length: 13 }, (_, i) => `t${i}`);
  const put = await client.putManifest("app", image.digest, image.bytes, image.mediaType, { tags: many });
  expectError(put, 414, "UNSUPPORTED");
  expectError(await client.get(`/v2/app/manifests/${image.digest}`), 404);
  expectError(await client.get("/v2/app/manifests/t0"), 404);
  const tags = many.slice(0, 12);
  expectStatus(await client.putManifest("app", image.digest, image.bytes, image.mediaType, { tags }), 201);
});
