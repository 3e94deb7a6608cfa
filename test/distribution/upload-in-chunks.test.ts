import assert from "node:assert/strict";
import { Readable } from "node:stream";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  registryClient,
} from "../harness/registry-client.ts";

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

test("the session's Location contains a UUID and is another one each time", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const first = await client.startUpload("app/web");
  const second = await client.startUpload("app/web");
  assert.match(first, uuid);
  assert.match(second, uuid);
  assert.notEqual(first, second);
});

test("each chunk is answered with where the upload stands, and so is the status", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const bytes = freshBytes(3_000);
  let session = await client.startUpload("app/web");
  for (const [start, end] of [
    [0, 999],
    [1_000, 2_499],
    [2_500, 2_999],
  ] as const) {
    const patch = await client.request("PATCH", session, {
      headers: { "content-type": "application/octet-stream", "content-range": `${start}-${end}` },
      body: bytes.subarray(start, end + 1),
    });
    expectStatus(patch, 202);
    assert.equal(patch.headers.get("range"), `0-${end}`);
    session = client.pathOf(patch);
    const status = await client.get(session);
    expectStatus(status, 204);
    assert.equal(status.headers.get("range"), `0-${end}`);
    assert.equal(status.body.length, 0);
    session = client.pathOf(status);
  }
  const put = await client.request("PUT", `${session}?digest=${digestOf(bytes)}`);
  expectStatus(put, 201);
  assert.ok((await client.get(client.pathOf(put))).body.equals(bytes));
});

for (const algorithm of ["sha256", "sha512"] as const) {
  test(`the final bytes of a ${algorithm} blob may come in the PUT, with or without Content-Range`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    for (const headers of [{}, { "content-range": "600-999" }]) {
      const bytes = freshBytes(1_000);
      const session = await client.startUpload("app/web");
      const patch = await client.request("PATCH", session, { body: bytes.subarray(0, 600) });
      expectStatus(patch, 202);
      const put = await client.request(
        "PUT",
        `${client.pathOf(patch)}?digest=${digestOf(bytes, algorithm)}`,
        { headers, body: bytes.subarray(600) },
      );
      expectStatus(put, 201);
      assert.ok((await client.get(client.pathOf(put))).body.equals(bytes));
    }
  });
}

test("a streamed PATCH needs no length, and several follow each other", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const parts = [freshBytes(70_000), freshBytes(1), freshBytes(200_000)];
  let session = await client.startUpload("app/web");
  for (const part of parts) {
    const patch = await client.request("PATCH", session, { body: Readable.from([part]) });
    expectStatus(patch, 202);
    session = client.pathOf(patch);
  }
  const bytes = Buffer.concat(parts);
  const put = await client.request("PUT", `${session}?digest=${digestOf(bytes)}`);
  expectStatus(put, 201);
  assert.ok((await client.get(client.pathOf(put))).body.equals(bytes));
});

test("the closing PUT may stream its bytes without a length", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const bytes = freshBytes(100_000);
  const session = await client.startUpload("app/web");
  const put = await client.request("PUT", `${session}?digest=${digestOf(bytes)}`, {
    body: Readable.from([bytes.subarray(0, 50_000), bytes.subarray(50_000)]),
  });
  expectStatus(put, 201);
  assert.ok((await client.get(client.pathOf(put))).body.equals(bytes));
});

test("a session that was never begun is BLOB_UPLOAD_UNKNOWN for every method", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const session = "/v2/app/web/blobs/uploads/0b0e5f1c-5d7c-4d0a-9c43-1f6a3c1d2e3f";
  const digest = digestOf(freshBytes());
  for (const [method, path] of [
    ["GET", session],
    ["PATCH", session],
    ["PUT", `${session}?digest=${digest}`],
    ["DELETE", session],
  ] as const) {
    const body = method === "PATCH" || method === "PUT" ? { body: freshBytes() } : {};
    expectError(await client.request(method, path, body), 404, "BLOB_UPLOAD_UNKNOWN");
  }
});

test("a finished session is gone", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const bytes = freshBytes();
  const session = await client.startUpload("app/web");
  expectStatus(await client.request("PUT", `${session}?digest=${digestOf(bytes)}`, { body: bytes }), 201);
  expectError(await client.get(session), 404, "BLOB_UPLOAD_UNKNOWN");
});

test("a closing PUT without a digest is refused and the session lives on", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const bytes = freshBytes();
  const session = await client.startUpload("app/web");
  expectError(await client.request("PUT", session), 400, "DIGEST_INVALID");
  expectStatus(await client.request("PUT", `${session}?digest=${digestOf(bytes)}`, { body: bytes }), 201);
});
