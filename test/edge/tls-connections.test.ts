import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { needs } from "../clients/needs.ts";
import { makeAuthority } from "../harness/certificates.ts";
import { expectError, expectStatus, freshBytes, registryClient } from "../harness/registry-client.ts";
import { startTlsServer } from "./tls-server.ts";

test("who speaks plain HTTP to a port with TLS is told so", needs("openssl"), async () => {
  using authority = makeAuthority();
  await using server = await startTlsServer(authority, authority.issue("server"));
  const client = registryClient(server.url.replace("https:", "http:"));
  const response = await client.get("/v2/");
  expectError(response, 400, "UNSUPPORTED");
  assert.match(response.body.toString(), /https:\/\//);
  const raw = await client.raw(
    `PUT /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${"x".repeat(100_000)}`,
  );
  expectError(raw, 400, "UNSUPPORTED");
});

test(
  "other bytes, none at all and a broken handshake end just their own connection",
  needs("openssl"),
  async () => {
    using authority = makeAuthority();
    await using server = await startTlsServer(authority, authority.issue("server"));
    const client = registryClient(server.url, { ca: authority.ca });
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]),
      freshBytes(2_000),
    ]) {
      const socket = connect(server.port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.resume();
      socket.end(bytes);
      await once(socket, "close");
      expectStatus(await client.get("/"), 200);
    }
  },
);

test("a handshake that stalls doesn't hold up the end of the server", needs("openssl"), async () => {
  using authority = makeAuthority();
  const server = await startTlsServer(authority, authority.issue("server"));
  const silent = connect(server.port, "127.0.0.1");
  const begun = connect(server.port, "127.0.0.1");
  for (const socket of [silent, begun]) socket.on("error", () => undefined).resume();
  await Promise.all([once(silent, "connect"), once(begun, "connect")]);
  begun.write(Buffer.from([0x16, 3, 1, 2]));
  expectStatus(await registryClient(server.url, { ca: authority.ca }).get("/"), 200);
  const gone = Promise.all([silent, begun].map((socket) => once(socket, "close")));
  await server[Symbol.asyncDispose]();
  await gone;
});

test("a handshake that stalls is ended after header_timeout", needs("openssl"), async () => {
  using authority = makeAuthority();
  await using server = await startTlsServer(authority, authority.issue("server"));
  const ends = [[], [0x16, 3, 1, 2]].map(async (bytes) => {
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => undefined).resume();
    if (bytes.length > 0) socket.write(Buffer.from(bytes));
    await once(socket, "close");
  });
  await Promise.all(ends);
});
