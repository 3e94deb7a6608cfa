import assert from "node:assert/strict";
import { test } from "node:test";
import { createAddresses } from "#adapters/upstream-http/addresses.ts";
import { oci } from "../../harness/registry-content.ts";
import { startFaultyUpstream } from "../../upstreams/faulty-upstream.ts";
import { manifestOf, rejectsAs, upstreamOf } from "./asked.ts";

test("addresses of this machine, its networks and special purposes aren't public", () => {
  const { isPublic } = createAddresses([]);
  const not =
    "0.0.0.0 0.1.2.3 10.1.2.3 100.64.0.1 100.127.255.255 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1 172.31.255.255 " +
    "192.0.0.1 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1 " +
    "240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 0:0:0:0:0:ffff:a9fe:a9fe " +
    "::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::7f00:1 64:ff9b::1 64:ff9b:1::1 100::1 2001::1 2001:10::1 2001:db8::1 " +
    "2002:7f00:1:: 2002:0a00:1:: 3fff::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 " +
    "::ffff:0:127.0.0.1 nonsense 1.2.3";
  for (const address of not.split(" ")) assert.equal(isPublic(address), false, address);
  const are =
    "1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 192.167.1.1 198.17.0.1 223.255.255.1 " +
    "2606:4700::1111 2a00:1450:4001::1 ::ffff:8.8.8.8 64:ff9b::808:808";
  for (const address of are.split(" ")) assert.equal(isPublic(address), true, address);
});

test("allow_addresses takes IPs and CIDRs of both kinds, in any writing", () => {
  const { isAllowed } = createAddresses([
    "10.1.0.0/16",
    "192.168.7.7",
    "fd00::/8",
    "::1",
    "nonsense",
    "1.2.3.4/99",
  ]);
  for (const address of [
    "10.1.255.1",
    "192.168.7.7",
    "fd12::1",
    "0:0::1",
    "::ffff:10.1.2.3",
    "64:ff9b::a01:203",
  ])
    assert.ok(isAllowed(address), address);
  for (const address of ["10.2.0.1", "192.168.7.8", "fc00::1", "::2", "1.2.3.4"])
    assert.ok(!isAllowed(address), address);
});

async function named(addresses: string[], more: Parameters<typeof upstreamOf>[1] = {}) {
  const server = await startFaultyUpstream();
  server.add("library/busybox", oci.image(), "latest");
  const { port } = new URL(server.url);
  let lookups = 0;
  const lookup = async () => {
    lookups++;
    return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  const upstream = upstreamOf(`http://registry.test:${port}`, { lookup, ...more });
  return { server, upstream, lookups: () => lookups };
}

for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "10.0.0.1"])
  test(`a name that resolves to ${address} when it is dialled is not dialled`, async () => {
    const { server, upstream } = await named([address]);
    await using _ = server;
    await using __ = upstream;
    const { message } = await rejectsAs(manifestOf(upstream), "upstream-failed", /allow_addresses/);
    assert.ok(message.includes("registry.test") && message.includes(address), message);
    assert.equal(server.connections, 0);
  });

test("a private address that may be dialled is", async () => {
  const { server, upstream } = await named(["127.0.0.1"], { allow_addresses: ["127.0.0.0/8"] });
  await using _ = server;
  await using __ = upstream;
  assert.ok(await manifestOf(upstream));
});

test("of several addresses only those are dialled that may be", async () => {
  const { server, upstream, lookups } = await named(["10.0.0.1", "::1", "127.0.0.1", "169.254.169.254"], {
    allow_addresses: ["127.0.0.1"],
    timeout: 3_000,
  });
  await using _ = server;
  await using __ = upstream;
  assert.ok(await manifestOf(upstream));
  // What was checked is what was dialled: the name is looked up once for a connection.
  assert.equal(lookups(), 1);
});

test("a name without addresses is said so", async () => {
  const { server, upstream } = await named([]);
  await using _ = server;
  await using __ = upstream;
  await rejectsAs(manifestOf(upstream), "upstream-failed", /registry\.test has no address/);
});

test("the URL's own IP or localhost may be private, on that port alone", async () => {
  await using server = await startFaultyUpstream();
  server.add("library/busybox", oci.image(), "latest");
  const { port } = new URL(server.url);
  for (const host of ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"]) {
    await using upstream = upstreamOf(`http://${host}:${port}`);
    assert.ok(await manifestOf(upstream), host);
  }
  // localhost is this machine, whatever a name server says.
  await using lied = upstreamOf(`http://localhost:${port}`, {
    lookup: async () => [{ address: "10.0.0.1", family: 4 }],
  });
  await rejectsAs(manifestOf(lied), "upstream-failed", /allow_addresses/);
  server.harm("manifest", { redirect: "http://127.0.0.1:1/" });
  await using upstream = upstreamOf(server.url);
  await rejectsAs(manifestOf(upstream), "upstream-failed", /allow_addresses/);
});
