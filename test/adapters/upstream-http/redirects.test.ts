import assert from "node:assert/strict";
import { test } from "node:test";
import { freshBytes, oci } from "../../harness/registry-content.ts";
import { startFaultyUpstream } from "../../upstreams/faulty-upstream.ts";
import { blobOf, manifestOf, rejectsAs, sameBytes, upstreamOf, withPassword } from "./asked.ts";

async function twoHosts() {
  const [server, store] = [await startFaultyUpstream(), await startFaultyUpstream()];
  server.add("library/busybox", oci.image(), "latest");
  const bytes = freshBytes(100_000);
  const id = server.addBlob("library/busybox", bytes);
  store.addBlob("store", bytes);
  server.harm("blob", { redirect: `${store.url}/v2/store/blobs/${id}?sig=1` });
  return { server, store, bytes, id };
}

for (const way of ["bearer", "basic"] as const)
  test(`a redirect to another host is followed without the credentials (${way})`, async () => {
    const { server, store, bytes, id } = await twoHosts();
    await using _ = server;
    await using __ = store;
    server.authenticate({ way, username: "us", password: "right" });
    await using upstream = upstreamOf(server.url, {
      ...withPassword("us", "right"),
      allow_addresses: ["127.0.0.1"],
    });
    await manifestOf(upstream);
    sameBytes(await blobOf(upstream, id), bytes);
    sameBytes(await blobOf(upstream, id, 60_000), bytes.subarray(60_000));
    assert.equal(store.count("blob"), 2);
    assert.equal(store.requests[1]?.headers.range, "bytes=60000-");
    for (const { headers } of store.requests) {
      assert.equal(headers.authorization, undefined);
      assert.equal(headers["accept-encoding"], "identity");
      assert.equal(headers.cookie, undefined);
    }
  });

test("a redirect within the upstream keeps the credentials", async () => {
  await using server = await startFaultyUpstream();
  server.authenticate({ way: "basic", username: "us", password: "right" });
  const bytes = freshBytes(1_000);
  const id = server.addBlob("library/busybox", bytes);
  server.harm(({ path }) => path.startsWith("/v2/old/"), {
    redirect: `/v2/library/busybox/blobs/${id}`,
    code: 301,
  });
  await using upstream = upstreamOf(server.url, withPassword("us", "right"));
  sameBytes(await blobOf(upstream, id, 0, "old" as never), bytes);
});

test("a 401 of another host isn't answered with anything", async () => {
  const { server, store, id } = await twoHosts();
  await using _ = server;
  await using __ = store;
  store.authenticate({ way: "basic", username: "us", password: "right" });
  await using upstream = upstreamOf(server.url, {
    ...withPassword("us", "right"),
    allow_addresses: ["127.0.0.1"],
  });
  await rejectsAs(blobOf(upstream, id), "upstream-refused", /where up\.test keeps it/);
  assert.equal(store.count(), 1);
  assert.equal(store.requests[0]?.headers.authorization, undefined);
});

test("a loop of redirects ends after five", async () => {
  const { server, store, id } = await twoHosts();
  await using _ = server;
  await using __ = store;
  server.heal();
  server.harm("blob", "redirect-loop");
  await using upstream = upstreamOf(server.url);
  await rejectsAs(blobOf(upstream, id), "upstream-failed", /place to place/);
  assert.equal(server.count("blob"), 6);
});

test("redirects to private addresses, to files and to nowhere are refused", async () => {
  const { server, store, id } = await twoHosts();
  await using _ = server;
  await using __ = store;
  await using upstream = upstreamOf(server.url);
  // A port of this very machine: the exception is for the upstream's own alone.
  await rejectsAs(blobOf(upstream, id), "upstream-failed", /allow_addresses/);
  assert.equal(store.connections, 0);
  server.heal();
  for (const [redirect, words] of [
    ["http://169.254.169.254/latest/meta-data/iam", /169\.254\.169\.254.*allow_addresses/],
    ["http://[::ffff:169.254.169.254]/latest", /allow_addresses/],
    ["http://[::1]:1/", /allow_addresses/],
    ["http://0.0.0.0:1/", /allow_addresses/],
    ["http://2130706433/", /127\.0\.0\.1.*allow_addresses/],
    ["http://localhost:1/", /localhost.*allow_addresses/],
    ["https://10.0.0.1/blob", /10\.0\.0\.1.*allow_addresses/],
    ["file:///etc/passwd", /a file URL/],
    ["gopher://127.0.0.1/", /a gopher URL/],
    ["http://[nonsense", /no URL/],
  ] as const) {
    server.harm("blob", { redirect }, 1);
    await rejectsAs(blobOf(upstream, id), "upstream-failed", words);
  }
});

test("a redirect's name and password are not sent", async () => {
  const { server, store, bytes, id } = await twoHosts();
  await using _ = server;
  await using __ = store;
  server.heal();
  server.harm("blob", { redirect: `${store.url.replace("//", "//evil:secret@")}/v2/store/blobs/${id}` });
  await using upstream = upstreamOf(server.url, { allow_addresses: ["127.0.0.1"] });
  sameBytes(await blobOf(upstream, id), bytes);
  assert.equal(store.requests[0]?.headers.authorization, undefined);
});

test("a HEAD that a signed link refuses says no size", async () => {
  const { server, store, id } = await twoHosts();
  await using _ = server;
  await using __ = store;
  server.harm("head-blob", { redirect: `${store.url}/link` });
  store.harm("elsewhere", { status: 403 });
  await using upstream = upstreamOf(server.url, { allow_addresses: ["127.0.0.1"] });
  assert.equal(
    await upstream.blobSize("library/busybox" as never, id as never, AbortSignal.timeout(5_000)),
    undefined,
  );
});
