import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { digestOf, freshBytes, oci } from "../../harness/registry-content.ts";
import { startFaultyUpstream } from "../../upstreams/faulty-upstream.ts";
import {
  blobOf,
  bytesOf,
  digest,
  limit,
  manifestOf,
  rejectsAs,
  repository,
  soon,
  tag,
  upstreamOf,
} from "./asked.ts";

async function served() {
  const server = await startFaultyUpstream();
  const image = oci.image();
  server.add("library/busybox", image, "latest");
  const bytes = freshBytes(200_000);
  const id = server.addBlob("library/busybox", bytes);
  return { server, image, bytes, id };
}

test("bytes that aren't the digest's are handed over as they came: who stores them proves them", async () => {
  const { server, image, bytes, id } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  server.harm("blob", "wrong-digest");
  server.harm("manifest", "wrong-digest");
  const blob = await blobOf(upstream, id);
  assert.equal(blob.length, bytes.length);
  assert.notEqual(digestOf(blob), id);
  const manifest = await manifestOf(upstream);
  assert.ok(manifest !== "unchanged");
  assert.equal(manifest.digest, image.digest);
  assert.notEqual(digestOf(manifest.bytes), image.digest);
});

for (const [fault, length] of [
  ["short", 100_000],
  ["long", 200_064],
  ["length-too-short", 100_000],
] as const)
  test(`a blob that comes with ${fault} is as long as it came`, async () => {
    const { server, id } = await served();
    await using _ = server;
    await using upstream = upstreamOf(server.url);
    server.harm("blob", fault);
    assert.equal((await blobOf(upstream, id)).length, length);
    server.heal();
    // What was too much doesn't become the next answer.
    assert.equal((await blobOf(upstream, id)).length, 200_000);
  });

test("fewer bytes than Content-Length says are no whole body", async () => {
  const { server, id } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  server.harm("blob", "length-too-long");
  await rejectsAs(blobOf(upstream, id), "upstream-failed", /broke off/);
  server.harm("manifest", "length-too-long");
  await rejectsAs(manifestOf(upstream), "upstream-failed", /up\.test .*library\/busybox:latest/);
});

test("a body that says no length has none, and ends where it ends", async () => {
  const { server, bytes, id } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  for (const kind of ["blob", "head-blob", "head-manifest"] as const) server.harm(kind, "no-length");
  assert.equal(await upstream.blobSize(repository(), digest(id), soon()), undefined);
  const head = await upstream.head(repository(), tag(), undefined, soon());
  assert.ok(head !== "unchanged" && head.size === undefined);
  const answer = await upstream.blob(repository(), digest(id), 0, soon());
  assert.equal(answer.size, undefined);
  assert.equal((await bytesOf(answer)).length, bytes.length);
});

test("a compressed answer is refused, of a blob as of a manifest", async () => {
  const { server, id } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  for (const kind of ["blob", "manifest", "head-manifest"] as const) server.harm(kind, "gzip");
  await rejectsAs(blobOf(upstream, id), "upstream-wrong", /compressed \(gzip\)/);
  await rejectsAs(blobOf(upstream, id, 1_000), "upstream-wrong", /compressed/);
  await rejectsAs(manifestOf(upstream), "upstream-wrong", /compressed/);
  await rejectsAs(upstream.head(repository(), tag(), undefined, soon()), "upstream-wrong", /compressed/);
});

test("a blob that is itself compressed is no compressed answer", async () => {
  const { server } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  const layer = gzipSync(freshBytes(5_000));
  assert.deepEqual(await blobOf(upstream, server.addBlob("library/busybox", layer)), layer);
});

test("a HEAD without a digest, or with one that is none, says none", async () => {
  const { server, image } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  const head = async () => {
    const said = await upstream.head(repository(), tag(), undefined, soon());
    assert.ok(said !== "unchanged");
    return said;
  };
  server.harm("head-manifest", "no-digest", 1);
  assert.deepEqual(await head(), { digest: undefined, mediaType: image.mediaType, size: image.size });
  server.harm("head-manifest", { headers: { "docker-content-digest": "sha256:nonsense" } }, 1);
  assert.equal((await head()).digest, undefined);
  server.harm("head-manifest", { status: 405 }, 1);
  assert.deepEqual(await head(), { digest: undefined, mediaType: undefined, size: undefined });
});

test("a web page with 200 is no manifest, no tag list and no registry", async () => {
  const { server, image } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  for (const kind of ["manifest", "head-manifest", "tags", "referrers", "base"] as const)
    server.harm(kind, "html");
  await rejectsAs(manifestOf(upstream), "upstream-wrong", /web page/);
  await rejectsAs(upstream.head(repository(), tag(), undefined, soon()), "upstream-wrong", /web page/);
  const page = upstream.tags(repository(), { limit: 10, last: undefined }, soon());
  await rejectsAs(page, "upstream-wrong", /web page/);
  const list = upstream.referrers(repository(), digest(image.digest), 10, soon());
  await rejectsAs(list, "upstream-wrong", /web page/);
  await rejectsAs(upstream.check(soon()), "upstream-wrong", /no registry/);
});

test("a manifest of a foreign type is handed over with its type", async () => {
  const { server } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  server.harm("manifest", "foreign-type");
  const found = await manifestOf(upstream);
  assert.equal(
    found !== "unchanged" && found.mediaType,
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
  );
});

test("a manifest's JSON under another type is handed over, too", async () => {
  const { server, image } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  server.harm("manifest", { headers: { "content-type": "text/plain; charset=utf-8" } });
  const found = await manifestOf(upstream);
  assert.ok(
    found !== "unchanged" && found.mediaType === "text/plain" && digestOf(found.bytes) === image.digest,
  );
});

test("a manifest is read to its limit and no further", async () => {
  const { server, image } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  const tight = upstream.manifest(repository(), tag(), undefined, image.size - 1, soon());
  await rejectsAs(tight, "upstream-wrong", /longer than/);
  assert.ok((await upstream.manifest(repository(), tag(), undefined, image.size, soon())) !== "unchanged");
  server.harm("manifest", "endless");
  server.forget();
  await rejectsAs(manifestOf(upstream), "upstream-wrong", /longer than/);
  assert.ok(
    server.bytes("manifest") < limit + 16 * 1024 * 1024,
    `${server.bytes("manifest")} bytes were sent`,
  );
});

test("an endless blob flows only as fast as it is read, and ends when nobody wants more", async () => {
  const { server, id } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url, { rate: { requests: undefined, concurrent: 1 } });
  server.harm("blob", "endless");
  const { body } = await upstream.blob(repository(), digest(id), 0, soon());
  let came = 0;
  for await (const chunk of body) {
    came += chunk.length;
    if (came > 5_000_000) break;
  }
  assert.ok(server.bytes("blob") < 40_000_000, `${server.bytes("blob")} bytes were sent`);
  server.heal();
  // The place that it held is free again.
  assert.equal((await blobOf(upstream, id)).length, 200_000);
});

test("a range other than the one asked for is refused", async () => {
  const { server, id } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  server.harm("blob", "wrong-range", 1);
  await rejectsAs(blobOf(upstream, id, 5_000), "upstream-wrong", /asked for its bytes from 5000/);
  await rejectsAs(blobOf(upstream, id, 200_000), "upstream-wrong", /fewer bytes/);
  server.harm("blob", { status: 206, headers: { "content-range": "bytes 0-9/10" }, body: "0123456789" });
  await rejectsAs(blobOf(upstream, id), "upstream-failed", /206/);
});

test("304 that nobody asked for is no answer", async () => {
  const { server } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  server.harm("manifest", { status: 304 });
  await rejectsAs(manifestOf(upstream), "upstream-failed", /304/);
});
