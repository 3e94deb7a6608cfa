import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  registryClient,
  type Algorithm,
} from "../harness/registry-client.ts";

for (const [announced, named] of [
  ["sha256", "sha256"],
  ["sha512", "sha512"],
  ["sha512", "sha256"],
  ["sha256", "sha512"],
  [undefined, "sha512"],
] as [Algorithm | undefined, Algorithm][]) {
  test(`a session begun with digest-algorithm ${announced ?? "unsaid"} finishes with a ${named} digest`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    const bytes = freshBytes(10_000);
    const query = announced === undefined ? "" : `?digest-algorithm=${announced}`;
    const session = await client.startUpload("app/web", query);
    const patch = await client.request("PATCH", session, { body: bytes.subarray(0, 4_000) });
    expectStatus(patch, 202);
    const wrong = digestOf(freshBytes(), named);
    const next = client.pathOf(patch);
    const join = next.includes("?") ? "&" : "?";
    const put = await client.request("PUT", `${next}${join}digest=${digestOf(bytes, named)}`, {
      body: bytes.subarray(4_000),
    });
    expectStatus(put, 201);
    assert.equal(put.headers.get("docker-content-digest"), digestOf(bytes, named));
    assert.ok((await client.get(client.pathOf(put))).body.equals(bytes));
    expectError(await client.get(`/v2/app/web/blobs/${wrong}`), 404, "BLOB_UNKNOWN");
  });
}

test("a digest-algorithm that the registry doesn't know is 400", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  for (const algorithm of ["md5", "sha1", "", "SHA256", "sha512/../x"]) {
    const path = `/v2/app/web/blobs/uploads/?digest-algorithm=${encodeURIComponent(algorithm)}`;
    expectError(await client.request("POST", path), 400, "DIGEST_INVALID");
  }
});

test("a blob pushed under sha256 isn't known under its sha512", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const bytes = freshBytes();
  await client.pushBlob(bytes, { repo: "app" });
  expectError(await client.get(`/v2/app/blobs/${digestOf(bytes, "sha512")}`), 404, "BLOB_UNKNOWN");
});
