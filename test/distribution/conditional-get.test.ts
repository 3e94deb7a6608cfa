import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectError, expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";

const image = oci.image();

for (const [what, path, digest] of [
  ["blob", `blobs/${image.blobs[1]?.digest ?? ""}`, image.blobs[1]?.digest ?? ""],
  ["manifest by digest", `manifests/${image.digest}`, image.digest],
  ["manifest by tag", "manifests/latest", image.digest],
] as const) {
  for (const method of ["GET", "HEAD"] as const) {
    test(`${method} of a ${what} with an If-None-Match that holds is 304 without a body`, async () => {
      await using berth = await startBerth();
      const client = registryClient(berth.url);
      await client.push("app", image, "latest");
      const etag = (await client.request(method, `/v2/app/${path}`)).headers.get("etag");
      assert.equal(etag, `"${digest}"`);
      for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
        const response = await client.request(method, `/v2/app/${path}`, {
          headers: { "if-none-match": condition },
        });
        expectStatus(response, 304);
        assert.equal(response.body.length, 0);
        assert.equal(response.headers.get("etag"), etag);
        assert.equal(response.headers.get("docker-content-digest"), digest);
      }
    });

    test(`${method} of a ${what} with an If-None-Match that doesn't hold is answered whole`, async () => {
      await using berth = await startBerth();
      const client = registryClient(berth.url);
      await client.push("app", image, "latest");
      for (const condition of ['"sha256:other"', digest, '""']) {
        const headers = { "if-none-match": condition };
        const response = await client.request(method, `/v2/app/${path}`, { headers });
        expectStatus(response, 200);
        if (method === "GET") assert.ok(response.body.length > 0);
      }
    });
  }
}

test("a tag that moved is no longer what If-None-Match knows", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  await client.push("app", image, "latest");
  const next = oci.image();
  await client.push("app", next, "latest");
  const response = await client.get("/v2/app/manifests/latest", { "if-none-match": `"${image.digest}"` });
  expectStatus(response, 200);
  assert.ok(response.body.equals(next.bytes));
});

test("If-None-Match of something that isn't there is 404", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  expectError(await client.get("/v2/app/manifests/latest", { "if-none-match": "*" }), 404);
});

for (const [what, condition, status] of [
  ["holds", (etag: string) => etag, 206],
  ["doesn't hold", () => '"sha256:other"', 200],
  ["is weak", (etag: string) => `W/${etag}`, 200],
  ["is a date", () => new Date().toUTCString(), 200],
] as [string, (etag: string) => string, number][]) {
  test(`If-Range that ${what} gives ${status}`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    const bytes = freshBytes(100);
    const digest = await client.pushBlob(bytes, { repo: "app" });
    const headers = { range: "bytes=10-19", "if-range": condition(`"${digest}"`) };
    const response = await client.get(`/v2/app/blobs/${digest}`, headers);
    expectStatus(response, status);
    assert.ok(response.body.equals(status === 206 ? bytes.subarray(10, 20) : bytes));
  });
}
