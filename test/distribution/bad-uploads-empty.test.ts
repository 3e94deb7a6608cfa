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
  type Algorithm,
  type RegistryClient,
} from "../harness/registry-client.ts";

const nothing = new Uint8Array();

/** Nothing is a legal amount of bytes; and a body may come without saying how long it is. */
describe("uploads of nothing, and of who knows how much", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) {
      yield bytes.subarray(at, at + size);
      await new Promise(setImmediate);
    }
  }

  async function isThere(repo: string, digest: string, bytes: Uint8Array): Promise<void> {
    const path = `/v2/${repo}/blobs/${digest}`;
    for (const answer of [await client.get(path), await client.head(path)]) {
      expectStatus(answer, 200);
      assert.equal(answer.headers.get("content-length"), String(bytes.length));
      if (answer.method === "GET") assert.ok(answer.body.equals(bytes));
    }
  }

  test("zero-byte PATCH", async () => {
    const session = await client.startUpload("app");
    const bytes = freshBytes(10);
    const patch = async (body: Uint8Array, range: string) => {
      const answer = await client.request("PATCH", session, { body });
      expectStatus(answer, 202);
      assert.equal(answer.headers.get("range"), range);
    };
    await patch(nothing, "0-0");
    await patch(nothing, "0-0");
    await patch(bytes, "0-9");
    await patch(nothing, "0-9");
    const status = await client.get(session);
    expectStatus(status, 204);
    assert.equal(status.headers.get("range"), "0-9");
    const digest = digestOf(bytes);
    expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
    await isThere("app", digest, bytes);
  });

  test("zero-byte PATCH as a chunked transfer", async () => {
    const session = await client.startUpload("app");
    expectStatus(await client.request("PATCH", session, { body: pieces(nothing, 1) }), 202);
    const path = withQuery(session, `digest=${digestOf(nothing)}`);
    expectStatus(await client.request("PUT", path, { body: pieces(nothing, 1) }), 201);
    await isThere("app", digestOf(nothing), nothing);
  });

  for (const algorithm of ["sha256", "sha512"] satisfies Algorithm[]) {
    const digest = digestOf(nothing, algorithm);
    for (const how of ["post-put", "post", "patch", "chunked"] as const) {
      test(`zero-byte blob: ${algorithm}, by ${how}`, async () => {
        const repo = `empty/${algorithm}/${how}`;
        expectError(await client.get(`/v2/${repo}/blobs/${digest}`), 404, "BLOB_UNKNOWN");
        await client.pushBlob(nothing, { repo, algorithm, how });
        await isThere(repo, digest, nothing);
        await client.pushBlob(nothing, { repo, algorithm, how });
        expectStatus(await client.remove(`/v2/${repo}/blobs/${digest}`), 202);
        expectError(await client.get(`/v2/${repo}/blobs/${digest}`), 404, "BLOB_UNKNOWN");
      });
    }

    test(`zero-byte blob: ${algorithm}, by mount`, async () => {
      await client.pushBlob(nothing, { repo: "source", algorithm });
      const repo = `empty/mounted/${algorithm}`;
      const mount = await client.request("POST", `/v2/${repo}/blobs/uploads/?mount=${digest}&from=source`);
      expectStatus(mount, 201);
      await isThere(repo, digest, nothing);
    });
  }

  test("a finish without a Content-Length and without a body", async () => {
    const bytes = freshBytes(100);
    const session = await client.startUpload("app");
    expectStatus(await client.request("PATCH", session, { body: bytes }), 202);
    const path = withQuery(session, `digest=${digestOf(bytes)}`);
    const put = await client.raw(`PUT ${path} HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n\r\n`);
    expectStatus(put, 201);
    await isThere("app", digestOf(bytes), bytes);
  });

  for (const size of [1, 5000, 1_500_000]) {
    for (const algorithm of ["sha256", "sha512"] satisfies Algorithm[]) {
      test(`chunked transfer without a length: ${size} bytes, ${algorithm}`, async () => {
        const bytes = freshBytes(size);
        const digest = digestOf(bytes, algorithm);
        const body = () => pieces(bytes, 1 + Math.floor(size / 13));
        const patched = await client.startUpload("a");
        expectStatus(await client.request("PATCH", patched, { body: body() }), 202);
        expectStatus(await client.request("PUT", withQuery(patched, `digest=${digest}`)), 201);
        await isThere("a", digest, bytes);
        const put = withQuery(await client.startUpload("b"), `digest=${digest}`);
        expectStatus(await client.request("PUT", put, { body: body() }), 201);
        await isThere("b", digest, bytes);
        const post = `/v2/c/blobs/uploads/?digest=${digest}`;
        expectStatus(await client.request("POST", post, { body: body() }), 201);
        await isThere("c", digest, bytes);
      });
    }
  }
});
