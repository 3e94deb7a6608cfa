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
  type Response,
} from "../harness/registry-client.ts";

/**
 * Content-Range of upload chunks. Not readable: 400 BLOB_UPLOAD_INVALID. Not the length of the body: 400
 * SIZE_INVALID. Not where the upload is: 416 with Location and Range. The session lives on each time.
 */
describe("bad Content-Range of an upload", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  const patch = (session: string, range: string, body: Uint8Array) =>
    client.request("PATCH", session, { headers: { "content-range": range }, body });

  const put = (session: string, digest: string, range: string, body: Uint8Array) =>
    client.request("PUT", withQuery(session, `digest=${digest}`), {
      headers: { "content-range": range },
      body,
    });

  /** The answer to a status request says `end`, the last byte's position (0 also when there is none). */
  async function at(session: string, end: number): Promise<void> {
    const status = await client.get(session);
    expectStatus(status, 204);
    assert.equal(status.headers.get("range"), `0-${end}`);
    assert.ok(status.headers.get("location"));
  }

  async function outOfOrder(session: string, response: Response, end: number): Promise<void> {
    expectError(response, 416, "BLOB_UPLOAD_INVALID");
    assert.equal(response.headers.get("range"), `0-${end}`);
    assert.equal(client.pathOf(response), session);
    await at(session, end);
  }

  /** A session with the first ten of twenty bytes. */
  async function half() {
    const bytes = freshBytes(20);
    const session = await client.startUpload("app");
    const first = await patch(session, "0-9", bytes.subarray(0, 10));
    expectStatus(first, 202);
    assert.equal(first.headers.get("range"), "0-9");
    return { session: client.pathOf(first), bytes, digest: digestOf(bytes) };
  }

  /** The upload can still be finished, and is what was meant. */
  async function finishes({ session, bytes, digest }: Awaited<ReturnType<typeof half>>): Promise<void> {
    expectStatus(await patch(session, "10-19", bytes.subarray(10)), 202);
    expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
    assert.deepEqual((await client.get(`/v2/app/blobs/${digest}`)).body, bytes);
  }

  test("Content-Range against Content-Length", async () => {
    const upload = await half();
    for (const [range, length] of [
      ["10-19", 9],
      ["10-18", 10],
      ["10-10", 0],
      ["10-109", 10],
      ["10-99999999", 10],
    ] as const) {
      const body = upload.bytes.subarray(10, 10 + length);
      expectError(await patch(upload.session, range, body), 400, "SIZE_INVALID");
      await at(upload.session, 9);
      expectError(await put(upload.session, upload.digest, range, body), 400, "SIZE_INVALID");
      await at(upload.session, 9);
    }
    await finishes(upload);
  });

  test("Content-Range against the length of a chunked transfer", async () => {
    const bytes = freshBytes(20);
    async function* body() {
      yield bytes.subarray(0, 5);
      yield bytes.subarray(5, 8);
      await Promise.resolve();
    }
    for (const range of ["0-9", "0-6"]) {
      const session = await client.startUpload("app");
      const answer = await client.request("PATCH", session, {
        headers: { "content-range": range },
        body: body(),
      });
      expectError(answer, 400, "SIZE_INVALID");
      expectStatus(await client.get(session), 204);
    }
    const session = await client.startUpload("app");
    const headers = { "content-range": "0-7" };
    expectStatus(await client.request("PATCH", session, { headers, body: body() }), 202);
    await at(session, 7);
  });

  test("Content-Range that can't be read", async () => {
    const upload = await half();
    const body = upload.bytes.subarray(10);
    for (const range of [
      "x",
      "10",
      "-19",
      "10-",
      "-",
      "10-19-20",
      "0xa-0x13",
      "a-b",
      "10 - 19x",
      "10-19,20-29",
      "1e1-19",
    ]) {
      expectError(await patch(upload.session, range, body), 400, "BLOB_UPLOAD_INVALID");
      expectError(await put(upload.session, upload.digest, range, body), 400, "BLOB_UPLOAD_INVALID");
      await at(upload.session, 9);
    }
    await finishes(upload);
  });

  test("Content-Range inverted, or of huge integers", async () => {
    const upload = await half();
    const body = upload.bytes.subarray(10);
    for (const range of [
      "19-10",
      "10-9",
      "99999999999999999999-99999999999999999999",
      "9007199254740993-9007199254741002",
      `10-${"9".repeat(400)}`,
    ]) {
      const answer = await patch(upload.session, range, body);
      expectStatus(answer, 400, 416);
      expectError(answer, answer.status);
      await at(upload.session, 9);
    }
    await finishes(upload);
  });

  test("two Content-Range headers", async () => {
    const upload = await half();
    const target = `PATCH ${upload.session} HTTP/1.1\r\nHost: registry\r\nConnection: close\r\nContent-Length: 1\r\n`;
    const answer = await client.raw(`${target}Content-Range: 10-10\r\nContent-Range: 11-11\r\n\r\nx`);
    expectError(answer, 400, "BLOB_UPLOAD_INVALID");
    await finishes(upload);
  });

  test("gap", async () => {
    const upload = await half();
    for (const range of ["11-15", "1000-1004"]) {
      await outOfOrder(upload.session, await patch(upload.session, range, upload.bytes.subarray(11, 16)), 9);
    }
    await finishes(upload);
  });

  test("overlap", async () => {
    const upload = await half();
    for (const [start, end] of [
      [9, 13],
      [5, 9],
      [0, 19],
    ] as const) {
      const body = upload.bytes.subarray(start, end + 1);
      await outOfOrder(upload.session, await patch(upload.session, `${start}-${end}`, body), 9);
    }
    await finishes(upload);
  });

  test("replay of the first chunk", async () => {
    const upload = await half();
    for (let i = 0; i < 3; i++) {
      await outOfOrder(upload.session, await patch(upload.session, "0-9", upload.bytes.subarray(0, 10)), 9);
    }
    await finishes(upload);
  });

  test("out of order on a fresh session", async () => {
    const session = await client.startUpload("app");
    const bytes = freshBytes(20);
    await outOfOrder(session, await patch(session, "10-19", bytes.subarray(10)), 0);
    await outOfOrder(session, await patch(session, "1-1", bytes.subarray(1, 2)), 0);
    expectStatus(await patch(session, "0-9", bytes.subarray(0, 10)), 202);
    await finishes({ session, bytes, digest: digestOf(bytes) });
  });

  test("the final PUT out of order: 416, and the session lives", async () => {
    const upload = await half();
    const { session, bytes, digest } = upload;
    await outOfOrder(session, await put(session, digest, "11-19", bytes.subarray(11)), 9);
    await outOfOrder(session, await put(session, digest, "0-9", bytes.subarray(0, 10)), 9);
    await outOfOrder(session, await put(session, digest, "0-19", bytes), 9);
    expectError(await client.get(`/v2/app/blobs/${digest}`), 404, "BLOB_UNKNOWN");
    expectStatus(await put(session, digest, "10-19", bytes.subarray(10)), 201);
    assert.deepEqual((await client.get(`/v2/app/blobs/${digest}`)).body, bytes);
  });

  test("the final PUT out of order on a fresh session, small and large", async () => {
    for (const size of [20, 400_000]) {
      const bytes = freshBytes(size);
      const digest = digestOf(bytes);
      const session = await client.startUpload("app");
      await outOfOrder(session, await put(session, digest, `10-${size - 1}`, bytes.subarray(10)), 0);
      expectStatus(await put(session, digest, `0-${size - 1}`, bytes), 201);
      assert.ok((await client.get(`/v2/app/blobs/${digest}`)).body.equals(bytes));
    }
  });

  test("a large chunk out of order is refused, read or not, and the session lives", async () => {
    const upload = await half();
    const large = freshBytes(5_000_000);
    const answer = await patch(upload.session, "100-5000099", large).catch((error: NodeJS.ErrnoException) => {
      // The answer may come while the body is still being sent, and the connection close then.
      assert.match(error.code ?? "", /ECONNRESET|EPIPE/);
      return undefined;
    });
    if (answer !== undefined) expectError(answer, 416, "BLOB_UPLOAD_INVALID");
    await at(upload.session, 9);
    await finishes(upload);
  });
});
