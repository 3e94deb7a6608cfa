import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../crash/eventually.ts";
import { storedFiles } from "../crash/stored-files.ts";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  receive,
  registryClient,
  withQuery,
} from "../harness/registry-client.ts";

describe("upload sessions that expire", { concurrency: true }, () => {
  test("an idle session expires and its bytes go", async () => {
    await using berth = await startBerth({ uploads: { expire_after: 1000, purge_interval: 1000 } });
    const client = registryClient(berth.url);
    const session = await client.startUpload("app");
    expectStatus(await client.request("PATCH", session, { body: freshBytes(54_321) }), 202);
    await eventually("the session is unknown", async () => {
      const status = await client.get(session);
      expectStatus(status, 204, 404);
      if (status.status === 404) expectError(status, 404, "BLOB_UPLOAD_UNKNOWN");
      return status.status === 404;
    });
    const left = async () => (await storedFiles(berth.data)).filter(({ size }) => size === 54_321);
    await eventually("the bytes are gone", async () => (await left()).length === 0);
    expectError(await client.request("PATCH", session, { body: "x" }), 404, "BLOB_UPLOAD_UNKNOWN");
  });

  test("expiry while active: a PATCH that runs longer than the session may idle is not purged", async () => {
    await using berth = await startBerth({ uploads: { expire_after: 3000, purge_interval: 1000 } });
    const client = registryClient(berth.url);
    const bytes = freshBytes(60);
    const digest = digestOf(bytes);
    const session = await client.startUpload("app");
    const { request, response } = client.begin("PATCH", session, {
      headers: { "content-length": bytes.length },
    });
    for (let i = 0; i < bytes.length; i++) {
      request.write(bytes.subarray(i, i + 1));
      await sleep(100);
    }
    request.end();
    expectStatus(await receive("PATCH", session, await response), 202);
    expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
    assert.deepEqual((await client.get(`/v2/app/blobs/${digest}`)).body, bytes);
  });

  test("expiry while active: many short requests keep a session alive", async () => {
    await using berth = await startBerth({ uploads: { expire_after: 3000, purge_interval: 1000 } });
    const client = registryClient(berth.url);
    const bytes = freshBytes(12);
    const session = await client.startUpload("app");
    for (let i = 0; i < bytes.length; i++) {
      expectStatus(await client.request("PATCH", session, { body: bytes.subarray(i, i + 1) }), 202);
      await sleep(400);
    }
    const path = withQuery(session, `digest=${digestOf(bytes)}`);
    expectStatus(await client.request("PUT", path), 201);
  });

  test("expiry while active: a final PUT that runs longer is not purged", async () => {
    await using berth = await startBerth({ uploads: { expire_after: 3000, purge_interval: 1000 } });
    const client = registryClient(berth.url);
    const bytes = freshBytes(60);
    const digest = digestOf(bytes);
    for (const how of ["post", "put"] as const) {
      const path =
        how === "post"
          ? `/v2/${how}/blobs/uploads/?digest=${digest}`
          : withQuery(await client.startUpload(how), `digest=${digest}`);
      const headers = { "transfer-encoding": "chunked" };
      const { request, response } = client.begin(how.toUpperCase(), path, { headers });
      for (let i = 0; i < bytes.length; i++) {
        request.write(bytes.subarray(i, i + 1));
        await sleep(75);
      }
      request.end();
      expectStatus(await receive(how, path, await response), 201);
      assert.deepEqual((await client.get(`/v2/${how}/blobs/${digest}`)).body, bytes);
    }
  });
});
