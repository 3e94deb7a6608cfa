import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectStatus,
  registryClient,
  withQuery,
  type RegistryClient,
} from "../harness/registry-client.ts";

/**
 * Requests that two HTTP parsers would read in two ways, or that no end of memory could hold. The HTTP
 * layer answers 400 or 431 before any handler decides, closes, and the server lives.
 */
describe("requests that are bad HTTP", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  const head = (method: string, path: string, headers: string) =>
    `${method} ${path} HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n${headers}\r\n`;

  async function lives(): Promise<void> {
    expectStatus(await client.get("/v2/"), 200);
  }

  /** One answer, with one of these statuses, and nothing behind it on the connection. */
  async function refused(bytes: Uint8Array | string, ...statuses: number[]): Promise<void> {
    const answer = await client.raw(bytes);
    expectStatus(answer, ...statuses);
    assert.ok(!answer.body.includes("HTTP/1."), "a second answer: the request was read as two");
    await lives();
  }

  /** As `refused`; but who sends more than the server reads may see a reset connection and no answer. */
  async function cutOff(bytes: string, ...statuses: number[]): Promise<void> {
    await refused(bytes, ...statuses).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") throw error;
    });
    await lives();
  }

  /** Nothing of a body whose framing broke is taken for an upload's bytes beyond what was well framed. */
  async function brokenBody(framing: string, wellFramed: number): Promise<void> {
    const session = await client.startUpload("app");
    const answer = await client
      .raw(head("PATCH", session, "Transfer-Encoding: chunked\r\n") + framing)
      // A connection that is simply closed is fine too: the answer's place may be taken already.
      .catch(() => undefined);
    if (answer !== undefined) {
      assert.ok(answer.status >= 400 && answer.status < 500, `status ${answer.status}`);
      assert.ok(!answer.body.includes("HTTP/1."), "a second answer: the request was read as two");
    }
    const status = await client.get(session);
    expectStatus(status, 204);
    const end = Number(/^0-(\d+)$/.exec(status.headers.get("range") ?? "")?.[1]);
    assert.ok(end <= Math.max(0, wellFramed - 1), `range 0-${end}`);
    await lives();
  }

  test("both Transfer-Encoding and Content-Length", async () => {
    const session = await client.startUpload("app");
    const smuggled = "0\r\n\r\nGET /v2/ HTTP/1.1\r\nHost: registry\r\n\r\n";
    for (const headers of [
      `Transfer-Encoding: chunked\r\nContent-Length: ${smuggled.length}\r\n`,
      `Content-Length: ${smuggled.length}\r\nTransfer-Encoding: chunked\r\n`,
      `Content-Length: 0\r\nTransfer-Encoding: chunked\r\n`,
    ]) {
      await refused(head("PATCH", session, headers) + smuggled, 400);
      await refused(head("PUT", "/v2/app/manifests/x", headers) + smuggled, 400);
    }
    expectStatus(await client.get(session), 204);
  });

  test("a Content-Length that is none, or two of them", async () => {
    const session = await client.startUpload("app");
    for (const length of [
      "-1",
      "+5",
      "0x5",
      "5,5",
      "5 5",
      "five",
      "",
      "1e1",
      "99999999999999999999999999",
      "5;a",
    ]) {
      await refused(head("PATCH", session, `Content-Length: ${length}\r\n`) + "hello", 400);
    }
    await refused(head("PATCH", session, "Content-Length: 5\r\nContent-Length: 6\r\n") + "hello", 400);
    const status = await client.get(session);
    assert.equal(status.headers.get("range"), "0-0");
  });

  test("a Transfer-Encoding that isn't chunked at its end", async () => {
    const session = await client.startUpload("app");
    for (const coding of ["identity", "xchunked", "chunked, gzip", "chunked, identity", "gzip"]) {
      await refused(
        head("PATCH", session, `Transfer-Encoding: ${coding}\r\n`) + "5\r\nhello\r\n0\r\n\r\n",
        400,
        501,
      );
    }
    assert.equal((await client.get(session)).headers.get("range"), "0-0");
  });

  test("bad chunk sizes", async () => {
    for (const framing of [
      "zz\r\nhello\r\n0\r\n\r\n",
      "-5\r\nhello\r\n0\r\n\r\n",
      "0x5\r\nhello\r\n0\r\n\r\n",
      "\r\nhello\r\n0\r\n\r\n",
      "ffffffffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
      "5 5\r\nhello\r\n0\r\n\r\n",
    ]) {
      await brokenBody(framing, 0);
      await brokenBody(`5\r\nhello\r\n${framing}`, 5);
    }
  });

  test("chunks longer than they say", async () => {
    await brokenBody("3\r\nhello\r\n0\r\n\r\n", 3);
    await brokenBody("5\r\nhello0\r\n\r\n", 5);
  });

  test("endless chunk extensions", async () => {
    await brokenBody(`5;${"x".repeat(200_000)}\r\nhello\r\n0\r\n\r\n`, 5);
  });

  test("endless trailers", async () => {
    const session = await client.startUpload("app");
    const trailers = Array.from({ length: 20_000 }, (_, i) => `X-${i}: y\r\n`).join("");
    const bytes =
      head("PATCH", session, "Transfer-Encoding: chunked\r\n") + `5\r\nhello\r\n0\r\n${trailers}\r\n`;
    const answer = await client.raw(bytes).catch(() => undefined);
    if (answer !== undefined) expectStatus(answer, 202, 400, 413, 431);
    await lives();
  });

  test("header bombs: one large header, and many small ones", async () => {
    await cutOff(head("GET", "/v2/", `X-Bomb: ${"x".repeat(100_000)}\r\n`), 431);
    await cutOff(
      head("GET", "/v2/", Array.from({ length: 20_000 }, (_, i) => `X-${i}: y\r\n`).join("")),
      431,
    );
    await cutOff(head("GET", "/v2/", `${"X".repeat(100_000)}: y\r\n`), 431);
    await cutOff(head("GET", "/v2/", `Cookie: ${"a=b; ".repeat(20_000)}\r\n`), 431);
  });

  test("header bombs: an endless request line", async () => {
    await cutOff(`GET /${"x".repeat(200_000)} HTTP/1.1\r\nHost: registry\r\n\r\n`, 400, 414, 431);
    await cutOff(`${"X".repeat(200_000)} / HTTP/1.1\r\nHost: registry\r\n\r\n`, 400, 414, 431, 501);
  });

  test("header names and values that HTTP doesn't have", async () => {
    for (const header of ["X y: z", "X\0: y", ": y", "X: a\0b", " X: y", "X"]) {
      await refused(head("GET", "/v2/", `${header}\r\n`), 400);
    }
  });

  test("bytes that are no HTTP at all", async () => {
    await refused("hello\r\n\r\n", 400);
    await refused("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".padEnd(300, "\0"), 400);
    await refused("GET /v2/ HTTP/9.9\r\nHost: registry\r\n\r\n", 400, 505);
    await refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 404, 405, 505);
  });

  test("a body behind a GET isn't read as a request of its own", async () => {
    const smuggled = "DELETE /v2/app/manifests/x HTTP/1.1\r\nHost: registry\r\n\r\n";
    const answer = await client.raw(head("GET", "/v2/", `Content-Length: ${smuggled.length}\r\n`) + smuggled);
    expectStatus(answer, 200, 400, 413);
    assert.ok(!answer.body.includes("HTTP/1."));
  });

  test("Expect: 100-continue is answered, another Expect is 417", async () => {
    const session = await client.startUpload("app");
    const body = Buffer.from("hello");
    const headers = { expect: "100-continue", "content-length": body.length };
    expectStatus(await client.request("PATCH", session, { headers, body }), 202);
    expectStatus(await client.request("PUT", withQuery(session, `digest=${digestOf(body)}`)), 201);
    await refused(head("PATCH", session, "Expect: 200-maybe\r\nContent-Length: 5\r\n"), 417);
  });

  test("after all this a push works", async () => {
    await client.pushBlob(Buffer.from("still here"), { repo: "app", how: "chunked" });
  });
});
