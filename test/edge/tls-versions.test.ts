import assert from "node:assert/strict";
import { test } from "node:test";
import { needs } from "../clients/needs.ts";
import { makeAuthority } from "../harness/certificates.ts";
import { handshake, startTlsServer } from "./tls-server.ts";

test("TLS 1.1 is refused, 1.2 and 1.3 work", needs("openssl"), async () => {
  using authority = makeAuthority();
  await using server = await startTlsServer(authority, authority.issue("server"));
  const { ca } = authority;
  const old = { ca, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  await assert.rejects(handshake(server.port, old));
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    const socket = await handshake(server.port, { ca, minVersion: version, maxVersion: version });
    assert.equal(socket.getProtocol(), version);
    socket.destroy();
  }
});

test("min_version TLSv1.3 refuses 1.2, after a reload as well", needs("openssl"), async () => {
  using authority = makeAuthority();
  await using server = await startTlsServer(authority, authority.issue("first"), { min_version: "TLSv1.3" });
  const { ca } = authority;
  await assert.rejects(handshake(server.port, { ca, maxVersion: "TLSv1.2" }));
  server.put(authority.issue("second"));
  await server.tls.reload();
  assert.equal(await server.subject(), "second");
  await assert.rejects(handshake(server.port, { ca, maxVersion: "TLSv1.2" }));
});
