import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  expectError,
  expectStatus,
  registryClient,
  type RegistryClient,
  type Response,
} from "../harness/registry-client.ts";

/** Request targets and headers that lie about where the server is: no answer may repeat the lie. */
describe("bad request targets and hosts", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  const send = (method: string, target: string, headers = "Host: registry\r\n") =>
    client.raw(`${method} ${target} HTTP/1.1\r\n${headers}Content-Length: 0\r\nConnection: close\r\n\r\n`);

  function notRepeated(response: Response, lie: string): void {
    const text = JSON.stringify(response.headers.comparable()) + response.body.toString("latin1");
    assert.ok(!text.includes(lie), text);
  }

  // RFC 9112 section 3.2.2: a server must accept this form.
  test("absolute-form request target is its path", async () => {
    const host = new URL(berth.url).host;
    expectStatus(await send("GET", `http://${host}/v2/`), 200);
    expectError(await send("GET", `http://${host}/v2/app/manifests/latest`), 404, "MANIFEST_UNKNOWN");
    const begun = await send("POST", `http://${host}/v2/app/blobs/uploads/`);
    expectStatus(begun, 202);
    assert.match(begun.headers.get("location") ?? "", /^\/v2\/app\/blobs\/uploads\//);
  });

  test("absolute-form request target with somebody else's host is not repeated, let alone fetched", async () => {
    for (const origin of [
      "http://evil.example",
      "https://evil.example:444",
      "http://evil.example@127.0.0.1",
    ]) {
      const answer = await send("POST", `${origin}/v2/app/blobs/uploads/`);
      expectStatus(answer, 202, 400, 404, 421);
      notRepeated(answer, "evil.example");
    }
  });

  test("absolute-form request targets that are none", async () => {
    for (const target of [
      "http://",
      "http:///v2/",
      "http://[::1/v2/",
      "ftp://x/v2/",
      "file:///etc/passwd",
      "v2/",
    ]) {
      const { status } = await send("GET", target);
      assert.ok(status === 200 || (status >= 400 && status < 500), `${target} → ${status}`);
    }
    expectStatus(await client.get("/v2/"), 200);
  });

  test("OPTIONS * and an unknown method get an error in the door's form", async () => {
    const { status } = await send("OPTIONS", "*");
    assert.ok(status < 500, String(status));
    for (const method of ["PROPFIND", "TRACE", "LINK"]) {
      const answer = await send(method, "/v2/app/manifests/latest");
      expectStatus(answer, 404, 405, 501);
      expectError(answer, answer.status);
    }
  });

  test("CONNECT makes no tunnel and the server lives", async () => {
    const answer = await client
      .raw("CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\nConnection: close\r\n\r\n")
      .catch(() => undefined);
    if (answer !== undefined) assert.ok(answer.status >= 400, String(answer.status));
    expectStatus(await client.get("/v2/"), 200);
  });

  test("a lying Host header is not repeated", async () => {
    for (const host of [
      "evil.example",
      "evil.example:1",
      "evil.example/x?y#",
      "[",
      "%",
      "a b",
      '"><evil.example>',
    ]) {
      const answer = await send("POST", "/v2/app/blobs/uploads/", `Host: ${host}\r\n`);
      expectStatus(answer, 202, 400);
      notRepeated(answer, "evil.example");
      if (answer.status === 202) {
        assert.match(answer.headers.get("location") ?? "", /^\/v2\/app\/blobs\/uploads\//);
      }
    }
  });

  test("two Host headers, or none", async () => {
    const two = await send("POST", "/v2/app/blobs/uploads/", "Host: registry\r\nHost: evil.example\r\n");
    expectStatus(two, 202, 400);
    notRepeated(two, "evil.example");
    expectStatus(await send("GET", "/v2/", ""), 400);
  });

  test("X-Forwarded-* from an untrusted peer changes nothing", async () => {
    const lies =
      "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 444\r\n" +
      "X-Forwarded-Prefix: /evil.example\r\nX-Forwarded-For: 10.9.8.7\r\n" +
      'Forwarded: host="evil.example";proto=https\r\nX-Original-URL: /evil.example\r\nX-HTTP-Method-Override: DELETE\r\n';
    const begun = await send("POST", "/v2/app/blobs/uploads/", `Host: registry\r\n${lies}`);
    expectStatus(begun, 202);
    notRepeated(begun, "evil.example");
    assert.match(begun.headers.get("location") ?? "", /^\/v2\/app\/blobs\/uploads\//);
    const plain = await send("GET", "/v2/_catalog");
    const lied = await send("GET", "/v2/_catalog", `Host: registry\r\n${lies}`);
    assert.equal(lied.status, plain.status);
    assert.deepEqual(lied.headers.comparable(), plain.headers.comparable());
  });

  test("with external_url, Location is built on it whatever Host says", async () => {
    await using named = await startBerth({ external_url: "https://registry.example.org" });
    const other = registryClient(named.url);
    const headers = { host: "evil.example", "x-forwarded-host": "evil.example" };
    const begun = await other.request("POST", "/v2/app/blobs/uploads/", { headers });
    expectStatus(begun, 202);
    assert.match(
      begun.headers.get("location") ?? "",
      /^https:\/\/registry\.example\.org\/v2\/app\/blobs\/uploads\//,
    );
  });
});
