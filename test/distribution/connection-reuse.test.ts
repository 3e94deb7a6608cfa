import assert from "node:assert/strict";
import http from "node:http";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { digestOf, freshBytes, receive, registryClient } from "../harness/registry-client.ts";

/** Two requests one after the other over one connection where the server keeps it. */
function reusing(url: string) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port } = new URL(url);
  const send = (method: string, path: string, headers: http.OutgoingHttpHeaders, body?: Buffer) =>
    new Promise<http.IncomingMessage>((resolve, reject) => {
      const request = http.request({ hostname, port, method, path, headers, agent });
      request.once("response", resolve);
      request.on("error", reject);
      request.end(body);
    }).then((incoming) => receive(method, path, incoming));
  return { send, [Symbol.dispose]: () => agent.destroy() };
}

for (const [what, status, request] of [
  [
    "an out-of-order chunk",
    416,
    (session: string) => ["PATCH", session, { "content-range": "900000-1899999" }] as const,
  ],
  [
    "a chunk for an unknown session",
    404,
    (session: string) => ["PATCH", session.slice(0, -4) + "ffff", {}] as const,
  ],
  ["an invalid digest", 400, (session: string) => ["PUT", `${session}?digest=nonsense`, {}] as const],
  [
    "a wrong digest",
    400,
    (session: string) => ["PUT", `${session}?digest=${digestOf(Buffer.from("x"))}`, {}] as const,
  ],
  [
    "an invalid name",
    400,
    () => ["POST", `/v2/UPPER/blobs/uploads/?digest=${digestOf(Buffer.from("x"))}`, {}] as const,
  ],
] as const) {
  test(`after ${what} with a body of a megabyte the next request is answered as itself`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    const session = await client.startUpload("app");
    const body = freshBytes(1_000_000);
    using connection = reusing(berth.url);
    const [method, path, headers] = request(session);
    const refused = await connection.send(method, path, { ...headers, "content-length": body.length }, body);
    assert.equal(refused.status, status);
    const next = await connection.send("GET", "/v2/app/blobs/nonsense", {});
    assert.equal(next.status, 400);
    assert.equal((await connection.send("GET", "/v2/", {})).status, 200);
  });
}

test("a body with GET, HEAD or DELETE doesn't become the next request", async () => {
  await using berth = await startBerth();
  const smuggled = Buffer.from("GET /v2/_catalog HTTP/1.1\r\nHost: a\r\n\r\n");
  using connection = reusing(berth.url);
  for (const method of ["GET", "HEAD", "DELETE"]) {
    const headers = { "content-length": smuggled.length };
    const first = await connection.send(method, "/v2/app/manifests/none", headers, smuggled);
    assert.equal(first.status, 404);
    assert.equal((await connection.send("GET", "/v2/app/blobs/nonsense", {})).status, 400);
  }
});
