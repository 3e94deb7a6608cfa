import assert from "node:assert/strict";
import { test } from "node:test";
import { cached, digest, hour, minute, openCache, size, upstream } from "./cache-room.ts";

const busybox = cached("docker.io/library/busybox");
const alpine = cached("docker.io/library/alpine");
const tool = cached("ghcr.io/team/tool");
const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

test("above the high water the coldest go, down to the low water, and nothing below it", async (t) => {
  const room = await openCache(t);
  room.limit([upstream("docker.io", { max_bytes: 10 * size })], undefined, 90, 50);
  for (const [n, name] of names.slice(0, 9).entries()) {
    room.now = hour + n;
    await room.blob(n % 2 === 0 ? busybox : alpine, name);
  }
  assert.deepEqual((await room.later(hour)).pieces, 0, "at the high water nothing goes");
  await room.blob(alpine, "j");
  await room.metadata.cached.pulled([{ repository: busybox, digest: digest("a"), at: room.now }]);
  const report = await room.later(hour);
  assert.deepEqual(report, { bytes: 5 * size, pieces: 5, removed: 0, more: false, failure: undefined });
  assert.deepEqual(await room.has(busybox, ...names), ["a", "g", "i"]);
  assert.deepEqual(await room.has(alpine, ...names), ["h", "j"]);
  assert.equal((await room.later(hour)).pieces, 0);
});

test("what was pulled just now stays, and goes when it has cooled down", async (t) => {
  const room = await openCache(t);
  room.limit([upstream("docker.io")], size);
  await room.blob(busybox, "a");
  await room.blob(busybox, "b");
  assert.equal((await room.later(minute)).pieces, 0);
  assert.equal((await room.later(3 * minute)).pieces, 1);
});

test("an upstream's own limit takes its content only; the limit in all takes the coldest of all", async (t) => {
  const room = await openCache(t);
  await room.blob(tool, "t");
  room.now++;
  for (const name of ["a", "b", "c", "d"]) await room.blob(busybox, name);
  room.limit([upstream("docker.io", { max_bytes: 3 * size }), upstream("ghcr.io", { max_bytes: size })]);
  await room.later(hour);
  assert.equal((await room.has(busybox, "a", "b", "c", "d")).length, 3);
  assert.deepEqual(await room.has(tool, "t"), ["t"]);
  room.limit([upstream("docker.io"), upstream("ghcr.io")], 3 * size);
  await room.later(1);
  assert.equal((await room.has(busybox, "a", "b", "c", "d")).length, 3);
  assert.deepEqual(await room.has(tool, "t"), []);
});

test("a manifest that was pulled keeps what it names; a cold one goes with its tags", async (t) => {
  const room = await openCache(t);
  const cold = await room.put(busybox, room.image("cold"), "1");
  const warm = await room.put(busybox, room.image("warm"), "2");
  room.now += hour;
  await room.metadata.cached.pulled([{ repository: busybox, digest: warm, at: room.now }]);
  room.limit([upstream("docker.io")], (await room.usage()) - 2 * size);
  await room.later(hour);
  assert.deepEqual(await room.has(busybox, "warm config", "warm layer"), ["warm config", "warm layer"]);
  assert.ok(await room.repositories.manifest(busybox, warm));
  room.limit([upstream("docker.io")], 3 * size - 1);
  await room.later(1);
  assert.equal(await room.repositories.manifest(busybox, cold), undefined);
  assert.deepEqual(await room.repositories.tags(busybox, { limit: 9, last: undefined }), ["2"]);
});

test("content of an upstream that isn't configured any more goes first, and only when the limit in all is met", async (t) => {
  const room = await openCache(t);
  await room.blob(busybox, "a");
  room.now += hour;
  await room.blob(cached("old.example/team/app"), "o");
  await room.blob(cached("old.example/team/app"), "p");
  room.limit([upstream("docker.io", { max_bytes: 5 * size })], 3 * size);
  assert.equal((await room.later(hour)).pieces, 0);
  room.limit([upstream("docker.io", { max_bytes: 5 * size })], 2 * size);
  assert.equal((await room.later(hour)).pieces, 1);
  assert.deepEqual(await room.has(busybox, "a"), ["a"]);
  room.limit([], undefined);
  assert.equal((await room.later(hour)).pieces, 0);
});

test("one blob larger than the limit goes, too", async (t) => {
  const room = await openCache(t);
  room.limit([upstream("docker.io", { max_bytes: 10 })]);
  const location = await room.blob(busybox, "a");
  assert.equal((await room.later(hour)).pieces, 1);
  assert.equal((await room.later(2 * minute)).removed, 1);
  assert.equal(room.onDisk(location), false);
});

test("links to one blob in many repositories count once, and enough of them go", async (t) => {
  const room = await openCache(t);
  room.limit([upstream("docker.io")], size);
  for (let n = 0; n < 220; n++) await room.blob(cached(`docker.io/library/r${n}`), "shared");
  room.now++;
  await room.blob(busybox, "a");
  const report = await room.later(hour);
  assert.deepEqual([report.pieces, report.bytes, report.more], [220, size, false]);
  assert.deepEqual(await room.has(busybox, "a"), ["a"]);
});

test("with no limit nothing is asked and nothing goes", async (t) => {
  const room = await openCache(t, { repositories: undefined as never });
  room.limit([upstream("docker.io")]);
  await room.blob(busybox, "a");
  assert.equal((await room.later(hour)).pieces, 0);
});
