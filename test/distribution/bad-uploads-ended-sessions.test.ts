import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  registryClient,
  withQuery,
  type RegistryClient,
} from "../harness/registry-client.ts";

/** A session is known until its end, and only in the repository it was begun in. */
describe("upload sessions that are over or somewhere else", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  async function unknown(session: string): Promise<void> {
    for (const size of [0, 10, 300_000]) {
      const body = freshBytes(size);
      const patch = await client.request("PATCH", session, { body });
      expectError(patch, 404, "BLOB_UPLOAD_UNKNOWN");
      const digest = digestOf(body);
      const put = await client.request("PUT", withQuery(session, `digest=${digest}`), { body });
      expectError(put, 404, "BLOB_UPLOAD_UNKNOWN");
      expectError(await client.get(`/v2/app/blobs/${digest}`), 404, "BLOB_UNKNOWN");
    }
    expectError(await client.get(session), 404, "BLOB_UPLOAD_UNKNOWN");
    expectError(await client.remove(session), 404, "BLOB_UPLOAD_UNKNOWN");
  }

  test("PATCH after finish", async () => {
    for (const size of [100, 300_000]) {
      const bytes = freshBytes(size);
      const session = await client.startUpload("app");
      expectStatus(await client.request("PATCH", session, { body: bytes }), 202);
      const digest = digestOf(bytes);
      expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
      await unknown(session);
      assert.ok((await client.get(`/v2/app/blobs/${digest}`)).body.equals(bytes));
    }
  });

  test("PATCH after a finish with the whole blob in the PUT", async () => {
    for (const size of [100, 300_000]) {
      const bytes = freshBytes(size);
      const session = await client.startUpload("app");
      const path = withQuery(session, `digest=${digestOf(bytes)}`);
      expectStatus(await client.request("PUT", path, { body: bytes }), 201);
      await unknown(session);
    }
  });

  test("PATCH after cancel", async () => {
    const session = await client.startUpload("app");
    expectStatus(await client.request("PATCH", session, { body: freshBytes(1000) }), 202);
    expectStatus(await client.remove(session), 204);
    await unknown(session);
  });

  test("a finish repeated is unknown, and the blob stays", async () => {
    const bytes = freshBytes(100);
    const session = await client.startUpload("app");
    const path = withQuery(session, `digest=${digestOf(bytes)}`);
    expectStatus(await client.request("PUT", path, { body: bytes }), 201);
    expectError(await client.request("PUT", path, { body: bytes }), 404, "BLOB_UPLOAD_UNKNOWN");
    expectStatus(await client.get(`/v2/app/blobs/${digestOf(bytes)}`), 200);
  });

  test("a session used from another repository is unknown there and untouched here", async () => {
    const bytes = freshBytes(1000);
    const session = await client.startUpload("app");
    expectStatus(await client.request("PATCH", session, { body: bytes.subarray(0, 500) }), 202);
    for (const repo of ["other", "app/sub", "ap"]) {
      const there = session.replace("/v2/app/", `/v2/${repo}/`);
      assert.notEqual(there, session);
      await unknown(there);
    }
    const status = await client.get(session);
    expectStatus(status, 204);
    assert.equal(status.headers.get("range"), "0-499");
    const path = withQuery(session, `digest=${digestOf(bytes)}`);
    expectStatus(await client.request("PUT", path, { body: bytes.subarray(500) }), 201);
    assert.ok((await client.get(`/v2/app/blobs/${digestOf(bytes)}`)).body.equals(bytes));
  });
});
