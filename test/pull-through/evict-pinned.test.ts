import assert from "node:assert/strict";
import { test } from "node:test";
import type { Mirror } from "#core/metadata/cached-content.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { oci } from "../harness/registry-content.ts";
import { bytesOf, cached, hour, minute, openCache, size, upstream } from "./cache-room.ts";

const busybox = cached("docker.io/library/busybox");
const alpine = cached("docker.io/library/alpine");

const mirror: Mirror = {
  name: "docker.io/library/alpine" as RepositoryName,
  tags: ["3.*"],
  platforms: [],
  referrers: true,
  every: hour,
  syncedAt: undefined,
  fault: undefined,
};

test("a pinned repository stays whole, however cold", async (t) => {
  const room = await openCache(t);
  await room.blob(alpine, "a");
  room.now++;
  await room.blob(busybox, "b");
  room.limit([upstream("docker.io", { pinned: ["library/alp*"] })], size);
  assert.equal((await room.later(hour)).pieces, 1);
  assert.deepEqual(await room.has(alpine, "a"), ["a"]);
  assert.deepEqual(await room.has(busybox, "b"), []);
});

test("a pin is of its upstream's repositories only", async (t) => {
  const room = await openCache(t);
  await room.blob(cached("ghcr.io/library/alpine"), "a");
  room.limit([upstream("docker.io", { pinned: ["**"] }), upstream("ghcr.io")], 10);
  assert.equal((await room.later(hour)).pieces, 1);
});

/** An index `3.20` of two images, one of them not fetched, a signature in each way, and an image `latest` beside it. */
async function fillAlpine(room: Awaited<ReturnType<typeof openCache>>) {
  const child = room.image("child");
  const missing = room.image("missing");
  const index = oci.index({ manifests: [child.descriptor, missing.descriptor] });
  const referrer = room.image("referrer", { subject: index.descriptor });
  const signature = room.image("signature");
  const kept = [
    await room.put(alpine, child),
    await room.put(alpine, index, "3.20"),
    await room.put(alpine, referrer),
    await room.put(alpine, signature, `${index.digest.replace(":", "-")}.sig`),
  ];
  const gone = await room.put(alpine, room.image("other"), "latest");
  return {
    kept,
    gone,
    texts: ["child", "referrer", "signature"].flatMap((one) => [`${one} config`, `${one} layer`]),
  };
}

for (const how of ["a pinned tag", "a mirror"] as const)
  test(`${how} keeps its index, the children, their blobs and what refers to them, and nothing else`, async (t) => {
    const room = await openCache(t);
    const { kept, gone, texts } = await fillAlpine(room);
    if (how === "a mirror") await room.content.putMirror(mirror);
    room.limit([upstream("docker.io", { pinned: how === "a mirror" ? [] : ["library/alpine:3*"] })], 10);
    assert.equal((await room.later(hour)).pieces, 3);
    assert.deepEqual(await room.has(alpine, ...texts, "other config", "other layer"), texts);
    for (const digest of kept) assert.ok(await room.repositories.manifest(alpine, digest));
    assert.equal(await room.repositories.manifest(alpine, gone), undefined);
  });

test("a mirror that was removed, or whose upstream was, pins nothing", async (t) => {
  const room = await openCache(t);
  await fillAlpine(room);
  await room.content.putMirror(mirror);
  const before = await room.usage();
  room.limit([upstream("docker.io")], 10);
  await room.later(hour);
  const pinned = await room.usage();
  assert.ok(pinned < before && pinned > 10);
  room.limit([upstream("ghcr.io")], 10);
  await room.later(hour);
  assert.equal(await room.usage(), 0);
});

test("a tag that names another image by now keeps that one", async (t) => {
  const room = await openCache(t);
  const old = await room.put(alpine, room.image("old"), "3");
  const now = await room.put(alpine, room.image("new"), "3");
  room.limit([upstream("docker.io", { pinned: ["library/alpine:3"] })], 10);
  assert.equal((await room.later(hour)).pieces, 3);
  assert.equal(await room.repositories.manifest(alpine, old), undefined);
  assert.ok(await room.repositories.manifest(alpine, now));
});

test("where all is pinned, each round ends, and it is said once, until the limit is kept again", async (t) => {
  const room = await openCache(t);
  const pinned = upstream("docker.io", { max_bytes: size, pinned: ["**"] });
  room.limit([pinned]);
  for (let n = 0; n < 220; n++) await room.blob(alpine, bytesOf(String(n), 10));
  assert.equal((await room.later(hour)).pieces, 0);
  assert.deepEqual(room.stuck, [], "it might be new content alone");
  for (let n = 0; n < 20; n++)
    assert.deepEqual(await room.later(minute), {
      bytes: 0,
      pieces: 0,
      removed: 0,
      more: false,
      failure: undefined,
    });
  assert.deepEqual(room.stuck, [{ upstream: "docker.io", bytes: 2200, limit: size }]);
  room.limit([{ ...pinned, pinned: [] }]);
  assert.equal((await room.later(1)).pieces, 120);
});

test("what isn't pinned any more goes after a while, without a new configuration", async (t) => {
  const room = await openCache(t);
  await fillAlpine(room);
  await room.content.putMirror(mirror);
  room.limit([upstream("docker.io")], 10);
  await room.later(hour);
  await room.content.removeMirror(mirror.name);
  assert.equal((await room.later(minute)).pieces, 0);
  await room.later(10 * minute);
  assert.equal(await room.usage(), 0);
});
