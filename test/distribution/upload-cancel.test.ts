import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  registryClient,
} from "../harness/registry-client.ts";

for (const [when, sent] of [
  ["before the first byte", 0],
  ["after some bytes", 5_000],
] as const) {
  test(`DELETE cancels an upload ${when} and the session is gone`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    const bytes = freshBytes(5_000);
    const session = await client.startUpload("app/web");
    if (sent > 0) expectStatus(await client.request("PATCH", session, { body: bytes }), 202);

    const cancelled = await client.remove(session);
    expectStatus(cancelled, 204);
    assert.equal(cancelled.body.length, 0);

    expectError(await client.get(session), 404, "BLOB_UPLOAD_UNKNOWN");
    expectError(await client.request("PATCH", session, { body: bytes }), 404, "BLOB_UPLOAD_UNKNOWN");
    const digest = digestOf(bytes);
    expectError(await client.request("PUT", `${session}?digest=${digest}`), 404, "BLOB_UPLOAD_UNKNOWN");
    expectError(await client.remove(session), 404, "BLOB_UPLOAD_UNKNOWN");
    expectError(await client.get(`/v2/app/web/blobs/${digest}`), 404, "BLOB_UNKNOWN");
  });
}
