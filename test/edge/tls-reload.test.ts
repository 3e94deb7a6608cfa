import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { request } from "node:https";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { needs } from "../clients/needs.ts";
import { makeAuthority } from "../harness/certificates.ts";
import { handshake, startTlsServer, until } from "./tls-server.ts";

test("a renewed certificate is in force without a restart", needs("openssl"), async () => {
  using authority = makeAuthority();
  await using server = await startTlsServer(authority, authority.issue("first"));
  assert.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(await server.subject(), "first");
  server.put(authority.issue("second"));
  await until(async () => (await server.subject()) === "second");
  assert.ok(server.lines.some(({ msg }) => msg === "the TLS certificate was read again"));
});

test("a connection from before the renewal goes on", needs("openssl"), async () => {
  using authority = makeAuthority();
  await using server = await startTlsServer(authority, authority.issue("first"));
  const socket = await handshake(server.port, { ca: authority.ca });
  server.put(authority.issue("second"));
  await server.tls.reload();
  assert.equal(await server.subject(), "second");
  const outgoing = request({ createConnection: () => socket, path: "/still-here", host: "127.0.0.1" });
  outgoing.end();
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
  assert.equal(answer.statusCode, 200);
  answer.resume();
  socket.destroy();
});

test(
  "a half-written pair keeps the old one, is told, and its end is taken up",
  needs("openssl"),
  async () => {
    using authority = makeAuthority();
    await using server = await startTlsServer(authority, authority.issue("first"));
    const second = authority.issue("second");
    server.put(second, "certificate");
    await until(() => server.lines.length > 0);
    assert.equal(await server.subject(), "first");
    const [line] = server.lines;
    assert.equal(line?.level, 50);
    assert.match(String(line?.msg), /the certificate before stays in force/);
    assert.match(String(line?.fault), /tls\.key: .*live\.key is not the key of .*live\.pem/);
    server.put(second, "key");
    await until(async () => (await server.subject()) === "second");
  },
);

for (const [what, text] of [
  ["an empty file", ""],
  ["no PEM", "hello\n"],
  ["broken PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
] as const) {
  test(`a certificate that is ${what} keeps the old one`, needs("openssl"), async () => {
    using authority = makeAuthority();
    await using server = await startTlsServer(authority, authority.issue("first"));
    writeFileSync(server.files.certificate, text);
    await server.tls.reload();
    assert.equal(await server.subject(), "first");
    assert.match(String(server.lines[0]?.fault), /tls\.certificate: .*live\.pem holds no certificate/);
  });
}

test("reading unchanged files again says nothing", needs("openssl"), async () => {
  using authority = makeAuthority();
  await using server = await startTlsServer(authority, authority.issue("first"));
  await server.tls.reload();
  assert.deepEqual(server.lines, []);
});
