import assert from "node:assert/strict";
import { test } from "node:test";
import { oci } from "../../harness/registry-content.ts";
import { startFaultyUpstream } from "../../upstreams/faulty-upstream.ts";
import { manifestOf, rejectsAs, soon, upstreamOf, withPassword } from "./asked.ts";

const auth = { way: "bearer", username: "us", password: "right" } as const;
const us = withPassword("us", "right");

async function twoHosts() {
  const [server, other] = [await startFaultyUpstream(), await startFaultyUpstream()];
  server.add("library/busybox", oci.image(), "latest");
  server.authenticate({ ...auth, realm: `${other.url}/token` });
  other.authenticate(auth);
  return { server, other };
}

test("a realm on a foreign host gets no credentials, and isn't even asked (CVE-2026-33540)", async () => {
  const { server, other } = await twoHosts();
  await using _ = server;
  await using __ = other;
  for (const parts of [us, {}]) {
    await using upstream = upstreamOf(server.url, { ...parts, allow_addresses: ["127.0.0.0/8"] });
    const { message } = await rejectsAs(manifestOf(upstream), "upstream-refused", /realms/);
    assert.ok(message.includes(other.host), message);
    await rejectsAs(upstream.check(soon()), "upstream-refused", /realms/);
  }
  assert.equal(other.count(), 0);
  assert.equal(other.connections, 0);
});

test("a realm that the configuration names gets the credentials, the upstream doesn't", async () => {
  const { server, other } = await twoHosts();
  await using _ = server;
  await using __ = other;
  await using upstream = upstreamOf(server.url, { ...us, realms: [other.host] });
  // That the token isn't one of this server's own is not the point here.
  await rejectsAs(manifestOf(upstream), "upstream-refused");
  assert.equal(other.count("token"), 1);
  assert.match(String(other.requests[0]?.headers.authorization), /^Basic /);
  for (const { headers } of server.requests) assert.doesNotMatch(String(headers.authorization), /Basic/);
});

test("a realm is foreign by port, by sub-domain, by parent and by scheme", async () => {
  await using server = await startFaultyUpstream();
  server.add("library/busybox", oci.image(), "latest");
  const { port } = new URL(server.url);
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  await using upstream = upstreamOf(`http://registry.test:${port}`, {
    ...us,
    lookup,
    allow_addresses: ["127.0.0.1"],
    realms: ["auth.example.org", "[::1]:5001"],
  });
  for (const realm of [
    "http://registry.test:1/token",
    `http://auth.registry.test:${port}/token`,
    `http://test:${port}/token`,
    `https://registry.test:${port}/token`,
    "https://auth.example.org:8443/token",
    "https://auth.example.org.evil.test/token",
    "https://auth.example.org@evil.test/token",
  ]) {
    server.harm("manifest", { challenge: `Bearer realm="${realm}"` }, 1);
    const { message } = await rejectsAs(manifestOf(upstream), "upstream-refused", /realms/);
    assert.ok(message.includes(new URL(realm).host), message);
  }
  for (const realm of ["file:///etc/passwd", "token", "ftp://registry.test/token"]) {
    server.harm("manifest", { challenge: `Bearer realm="${realm}"` }, 1);
    await rejectsAs(manifestOf(upstream), "upstream-failed", /token server/);
  }
});

test("a realm without TLS is dialled only on one's own networks, though the configuration names it", async () => {
  await using server = await startFaultyUpstream();
  const dialled: string[] = [];
  const lookup = async (hostname: string) => {
    dialled.push(hostname);
    return [{ address: "192.0.78.9", family: 4 }];
  };
  server.harm("manifest", { challenge: 'Bearer realm="http://auth.example.org/token"' });
  await using upstream = upstreamOf(server.url, { ...us, lookup, realms: ["auth.example.org"] });
  await rejectsAs(manifestOf(upstream), "upstream-failed", /allow_addresses/);
  assert.deepEqual(dialled, ["auth.example.org"]);
});

test("a name among the realms that is a private address isn't dialled, unless it may be", async () => {
  const { server, other } = await twoHosts();
  await using _ = server;
  await using __ = other;
  const { port } = new URL(other.url);
  server.authenticate({ ...auth, realm: `http://auth.test:${port}/token` });
  const parts = {
    ...us,
    lookup: async () => [{ address: "127.0.0.1", family: 4 }],
    realms: [`auth.test:${port}`],
  };
  await using strict = upstreamOf(server.url, parts);
  await rejectsAs(manifestOf(strict), "upstream-failed", /auth\.test.*allow_addresses/);
  assert.equal(other.count(), 0);
  await using allowed = upstreamOf(server.url, { ...parts, allow_addresses: ["127.0.0.1/32"] });
  await rejectsAs(manifestOf(allowed), "upstream-refused");
  assert.equal(other.count("token"), 1);
});
