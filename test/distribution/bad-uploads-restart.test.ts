import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  registryClient,
  withQuery,
  type Algorithm,
} from "../harness/registry-client.ts";

/** A session outlives the server: offset, algorithm and bytes are on disk. */
describe("an upload session after a restart", () => {
  for (const [begun, finished] of [
    ["sha256", "sha256"],
    ["sha512", "sha512"],
    ["sha256", "sha512"],
    ["sha512", "sha256"],
  ] satisfies [Algorithm, Algorithm][]) {
    test(`goes on: begun as ${begun}, finished as ${finished}`, async () => {
      await using berth = await startBerth();
      let client = registryClient(berth.url);
      const restart = async () => {
        await berth.restart();
        client = registryClient(berth.url);
      };
      const bytes = freshBytes(900_000);
      const digest = digestOf(bytes, finished);
      const session = await client.startUpload("app", `?digest-algorithm=${begun}`);
      await restart();
      for (const [start, end] of [
        [0, 1],
        [1, 300_000],
        [300_000, 600_000],
      ] as const) {
        const headers = { "content-range": `${start}-${end - 1}` };
        const patch = await client.request("PATCH", session, { body: bytes.subarray(start, end), headers });
        expectStatus(patch, 202);
        await restart();
        const status = await client.get(session);
        expectStatus(status, 204);
        assert.equal(status.headers.get("range"), `0-${end - 1}`);
      }
      const put = await client.request("PUT", withQuery(session, `digest=${digest}`), {
        body: bytes.subarray(600_000),
        headers: { "content-range": "600000-899999" },
      });
      expectStatus(put, 201);
      await restart();
      assert.ok((await client.get(`/v2/app/blobs/${digest}`)).body.equals(bytes));
      expectError(await client.get(session), 404, "BLOB_UPLOAD_UNKNOWN");
    });

    test(`is finished by an empty PUT: begun as ${begun}, finished as ${finished}`, async () => {
      await using berth = await startBerth();
      const bytes = freshBytes(400_000);
      const digest = digestOf(bytes, finished);
      let client = registryClient(berth.url);
      const session = await client.startUpload("app", `?digest-algorithm=${begun}`);
      expectStatus(await client.request("PATCH", session, { body: bytes }), 202);
      await berth.restart();
      client = registryClient(berth.url);
      expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
      assert.ok((await client.get(`/v2/app/blobs/${digest}`)).body.equals(bytes));
    });
  }

  test("still finds out a wrong digest", async () => {
    await using berth = await startBerth();
    let client = registryClient(berth.url);
    const bytes = freshBytes(10_000);
    const session = await client.startUpload("app");
    expectStatus(await client.request("PATCH", session, { body: bytes }), 202);
    await berth.restart();
    client = registryClient(berth.url);
    const put = await client.request("PUT", withQuery(session, `digest=${digestOf(bytes)}`), { body: "x" });
    expectError(put, 400, "DIGEST_INVALID");
    expectError(await client.get(`/v2/app/blobs/${digestOf(bytes)}`), 404, "BLOB_UNKNOWN");
  });

  test("is forgotten for good when it was cancelled before", async () => {
    await using berth = await startBerth();
    let client = registryClient(berth.url);
    const session = await client.startUpload("app");
    expectStatus(await client.request("PATCH", session, { body: "abc" }), 202);
    expectStatus(await client.remove(session), 204);
    await berth.restart();
    client = registryClient(berth.url);
    expectError(await client.get(session), 404, "BLOB_UPLOAD_UNKNOWN");
  });
});
