import assert from "node:assert/strict";
import { test } from "node:test";
import { freshBytes, oci } from "../../harness/registry-content.ts";
import { makeAuthority } from "../../harness/certificates.ts";
import { needs } from "../../clients/needs.ts";
import { startFaultyUpstream } from "../../upstreams/faulty-upstream.ts";
import { blobOf, manifestOf, rejectsAs, sameBytes, upstreamOf, withPassword } from "./asked.ts";
import { startForwardProxy } from "./forward-proxy.ts";

async function overTls() {
  const authority = makeAuthority();
  const { cert, keyText } = authority.issue("server");
  const server = await startFaultyUpstream({ tls: { cert, key: keyText } });
  server.add("library/busybox", oci.image(), "latest");
  return { authority, server, port: new URL(server.url).port };
}

test(
  "an upstream of a CA of its own is trusted where that CA is named, and only there",
  needs("openssl"),
  async () => {
    const { authority, server } = await overTls();
    using _ = authority;
    await using __ = server;
    await using upstream = upstreamOf(server.url, { ca: authority.ca });
    assert.ok(await manifestOf(upstream));
    await using stranger = upstreamOf(server.url);
    await rejectsAs(manifestOf(stranger), "upstream-failed", /no CA that is known here; name its CA in ca/);
    const { port } = new URL(server.url);
    const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
    await using misnamed = upstreamOf(`https://other.test:${port}`, {
      ...{ ca: authority.ca, lookup, allow_addresses: ["127.0.0.1"] },
    });
    await rejectsAs(manifestOf(misnamed), "upstream-failed", /for other names/);
  },
);

test("a redirect from https to http is refused", needs("openssl"), async () => {
  const { authority, server } = await overTls();
  using _ = authority;
  await using __ = server;
  await using plain = await startFaultyUpstream();
  const id = server.addBlob("library/busybox", freshBytes());
  server.harm("blob", { redirect: plain.url });
  await using upstream = upstreamOf(server.url, { ca: authority.ca, allow_addresses: ["127.0.0.1"] });
  await rejectsAs(blobOf(upstream, id), "upstream-failed", /without TLS/);
  assert.equal(plain.connections, 0);
});

test(
  "through a proxy: TLS end to end, the proxy resolves the name, only it gets its credentials",
  needs("openssl"),
  async () => {
    const { authority, server, port } = await overTls();
    using _ = authority;
    await using __ = server;
    server.authenticate({ way: "basic", username: "us", password: "right" });
    const bytes = freshBytes(500_000);
    const id = server.addBlob("library/busybox", bytes);
    const auth = `Basic ${Buffer.from("me:proxy-secret").toString("base64")}`;
    await using proxy = await startForwardProxy(() => "127.0.0.1", auth);
    const url = `https://registry.test:${port}`;
    await using upstream = upstreamOf(url, {
      ...withPassword("us", "right"),
      ca: authority.ca,
      proxy: `http://me:proxy-secret@127.0.0.1:${proxy.port}`,
      lookup: () => Promise.reject(new Error("nothing is looked up here")),
    });
    assert.ok(await manifestOf(upstream));
    sameBytes(await blobOf(upstream, id), bytes);
    assert.deepEqual(new Set(proxy.seen.map(({ line }) => line)), new Set([`CONNECT registry.test:${port}`]));
    for (const { headers } of server.requests) assert.equal(headers["proxy-authorization"], undefined);
    await using wrong = upstreamOf(url, { ca: authority.ca, proxy: `http://me:no@127.0.0.1:${proxy.port}` });
    await rejectsAs(manifestOf(wrong), "upstream-failed", /the proxy doesn't connect to registry\.test/);
  },
);

test("through a proxy without TLS", async () => {
  await using server = await startFaultyUpstream();
  server.add("library/busybox", oci.image(), "latest");
  await using proxy = await startForwardProxy(() => "127.0.0.1");
  const { port } = new URL(server.url);
  const parts = { proxy: `http://127.0.0.1:${proxy.port}`, timeout: 2_000 };
  await using upstream = upstreamOf(`http://registry.test:${port}`, parts);
  assert.ok(await manifestOf(upstream));
  assert.deepEqual(
    proxy.seen.map(({ line }) => line),
    [`GET http://registry.test:${port}/v2/library/busybox/manifests/latest`],
  );
});

test("an upstream that is silent behind a proxy is given up", async () => {
  await using server = await startFaultyUpstream();
  server.harm("manifest", "silence");
  await using proxy = await startForwardProxy(() => "127.0.0.1");
  await using upstream = upstreamOf(`http://registry.test:${new URL(server.url).port}`, {
    ...{ proxy: `http://127.0.0.1:${proxy.port}`, timeout: 300 },
  });
  await rejectsAs(manifestOf(upstream), "upstream-failed", /in time/);
});

test("a proxy named by a name is checked itself; by its IP it is as it was named", async () => {
  await using server = await startFaultyUpstream();
  server.add("library/busybox", oci.image(), "latest");
  await using proxy = await startForwardProxy(() => "127.0.0.1");
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  const parts = { proxy: `http://proxy.test:${proxy.port}`, lookup };
  const url = `http://registry.test:${new URL(server.url).port}`;
  await using strict = upstreamOf(url, parts);
  await rejectsAs(manifestOf(strict), "upstream-failed", /proxy\.test.*allow_addresses/);
  assert.equal(proxy.seen.length, 0);
  await using allowed = upstreamOf(url, { ...parts, allow_addresses: ["127.0.0.1"] });
  assert.ok(await manifestOf(allowed));
});

test("a redirect through the proxy to an address that is private by its own words is refused", async () => {
  await using server = await startFaultyUpstream();
  await using proxy = await startForwardProxy(() => "127.0.0.1");
  const id = server.addBlob("library/busybox", freshBytes());
  await using upstream = upstreamOf(`http://registry.test:${new URL(server.url).port}`, {
    proxy: `http://127.0.0.1:${proxy.port}`,
  });
  for (const redirect of ["http://169.254.169.254/latest", "http://localhost.:1/", "http://[::1]/"]) {
    server.harm("blob", { redirect }, 1);
    await rejectsAs(blobOf(upstream, id), "upstream-failed", /allow_addresses/);
  }
  assert.equal(proxy.seen.length, 3);
});

test("hosts of no_proxy are asked directly, and then checked", async () => {
  await using server = await startFaultyUpstream();
  server.add("library/busybox", oci.image(), "latest");
  await using proxy = await startForwardProxy(() => "127.0.0.1");
  const { port } = new URL(server.url);
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  for (const item of ["registry.corp.test", ".corp.test", `Registry.corp.test:${port}`, "*"]) {
    const parts = { proxy: `http://127.0.0.1:${proxy.port}`, no_proxy: [item], lookup };
    await using strict = upstreamOf(`http://registry.corp.test:${port}`, parts);
    await rejectsAs(manifestOf(strict), "upstream-failed", /allow_addresses/);
    await using allowed = upstreamOf(`http://registry.corp.test:${port}`, {
      ...parts,
      allow_addresses: ["127.0.0.1"],
    });
    assert.ok(await manifestOf(allowed), item);
  }
  await using literal = upstreamOf(server.url, {
    proxy: `http://127.0.0.1:${proxy.port}`,
    no_proxy: ["127.0.0.0/8"],
  });
  assert.ok(await manifestOf(literal));
  assert.equal(proxy.seen.length, 0);
  for (const item of ["corp.test", "other.test", ".test.corp", "10.0.0.0/8"]) {
    await using through = upstreamOf(`http://registry.corp.test:${port}`, {
      proxy: `http://127.0.0.1:${proxy.port}`,
      no_proxy: [item],
    });
    assert.ok(await manifestOf(through), item);
  }
  assert.equal(proxy.seen.length, 4);
});

test("a proxy that isn't there is said so", async () => {
  const proxy = await startForwardProxy();
  await proxy[Symbol.asyncDispose]();
  await using upstream = upstreamOf("https://registry.test", {
    proxy: `http://us:proxy-secret@127.0.0.1:${proxy.port}`,
  });
  const { message } = await rejectsAs(manifestOf(upstream), "upstream-failed");
  assert.doesNotMatch(message, /proxy-secret/);
});
