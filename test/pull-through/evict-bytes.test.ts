import assert from "node:assert/strict";
import { test } from "node:test";
import type { Location } from "#core/blob-store.ts";
import { backupLeases } from "#core/metadata/lease-names.ts";
import { removeBytes } from "#maintenance/gc/remove-bytes.ts";
import { assertHolds } from "../contract/blob-store-checks.ts";
import { bytesOf, cached, digest, hosted, hour, minute, openCache, size, upstream } from "./cache-room.ts";

const busybox = cached("docker.io/library/busybox");
const tool = cached("ghcr.io/team/tool");
const app = hosted("team/app");
const nothing = { bytes: 0, pieces: 0, removed: 0, more: false, failure: undefined };

test("bytes of what nobody has any more go after the grace, never before", async (t) => {
  const room = await openCache(t);
  room.limit([upstream("docker.io")], 10);
  const location = await room.blob(busybox, "a");
  assert.deepEqual(await room.later(hour), { ...nothing, bytes: size, pieces: 1 });
  assert.deepEqual(await room.later(minute), nothing);
  assert.ok(room.onDisk(location));
  assert.deepEqual(await room.later(1), { ...nothing, removed: 1 });
  assert.equal(room.onDisk(location), false);
  assert.deepEqual(await room.later(hour), nothing);
});

test("a blob that a hosted repository has stays on disk, though the cache forgets it", async (t) => {
  const room = await openCache(t);
  room.limit([upstream("docker.io")], 10);
  await room.blob(busybox, "a");
  const location = await room.blob(app, "a");
  assert.deepEqual(await room.later(hour), { ...nothing, pieces: 1 });
  assert.deepEqual(await room.later(hour), nothing);
  assert.deepEqual(await room.has(busybox, "a"), []);
  assert.deepEqual(await room.has(app, "a"), ["a"]);
  await assertHolds(room.store, location, bytesOf("a"));
});

test("a hosted repository is never touched, be it named like the upstream's", async (t) => {
  const room = await openCache(t);
  room.limit([upstream("docker.io")], 10);
  const shadow = hosted("docker.io/library/busybox");
  await room.put(shadow, room.image("a"), "latest");
  await room.put(busybox, room.image("a"), "latest");
  await room.later(hour);
  await room.later(hour);
  assert.deepEqual(await room.has(shadow, "a config", "a layer"), ["a config", "a layer"]);
  assert.deepEqual(await room.repositories.tags(shadow, { limit: 9, last: undefined }), ["latest"]);
  assert.deepEqual(await room.repositories.tags(busybox, { limit: 9, last: undefined }), []);
  assert.equal(await room.usage(), 0);
});

test("a blob that another upstream's repository has stays", async (t) => {
  const room = await openCache(t);
  room.limit([upstream("docker.io", { max_bytes: 10 }), upstream("ghcr.io")]);
  await room.blob(busybox, "a");
  const location = await room.blob(tool, "a");
  assert.equal((await room.later(hour)).bytes, 0);
  assert.equal((await room.later(hour)).removed, 0);
  assert.deepEqual(await room.has(busybox, "a"), []);
  assert.deepEqual(await room.has(tool, "a"), ["a"]);
  await assertHolds(room.store, location, bytesOf("a"));
});

test("one that is being read is read to its end", async (t) => {
  const room = await openCache(t);
  room.limit([upstream("docker.io")], 10);
  const bytes = bytesOf("large", 5_000_000);
  const location = await room.blob(busybox, bytes);
  await using open = await room.store.open(location);
  const chunks: Buffer[] = [];
  for await (const chunk of open.read(0, bytes.length - 1)) {
    if (chunks.length === 0) {
      await room.later(hour);
      assert.equal((await room.later(hour)).removed, 1);
      assert.equal(room.onDisk(location), false);
    }
    chunks.push(Buffer.from(chunk));
  }
  assert.ok(chunks.length > 1);
  assert.ok(Buffer.concat(chunks).equals(bytes));
});

test("what is pushed again between forgetting and removing has bytes of its own", async (t) => {
  const room = await openCache(t);
  room.limit([upstream("docker.io")], 10);
  const old = await room.blob(busybox, "a");
  await room.later(hour);
  const pushed = await room.blob(app, "a");
  assert.notEqual(pushed, old);
  assert.equal((await room.later(hour)).removed, 1);
  assert.equal(room.onDisk(old), false);
  await assertHolds(room.store, pushed, bytesOf("a"));
});

test("whichever comes first, push or eviction, what is pushed at the same time can be read", async (t) => {
  const room = await openCache(t);
  room.limit([upstream("docker.io")], 10);
  for (let n = 0; n < 20; n++) await room.blob(busybox, `blob ${n}`);
  room.now += hour;
  const pushes = Array.from({ length: 20 }, (_, n) => room.blob(app, `blob ${n}`));
  await Promise.all([room.round(), ...pushes]);
  await room.later(hour);
  assert.equal(await room.usage(), 0);
  for (let n = 0; n < 20; n++) {
    const facts = await room.repositories.blob(app, digest(`blob ${n}`));
    assert.ok(facts);
    await assertHolds(room.store, facts.location, bytesOf(`blob ${n}`));
  }
});

test("what is pulled between choosing and evicting stays", async (t) => {
  const room = await openCache(t);
  await room.blob(busybox, "a");
  const pieces = await room.content.coldest({
    upstream: undefined,
    before: room.now + 1,
    limit: 9,
    after: undefined,
  });
  await room.content.pulled([{ repository: busybox, digest: digest("a"), at: room.now + hour }]);
  assert.deepEqual(await room.content.evict(pieces, room.now), { bytes: 0, pieces: 0 });
});

test("while a backup holds its lease, no bytes go", async (t) => {
  const room = await openCache(t);
  room.limit([upstream("docker.io")], 10);
  const location = await room.blob(busybox, "a");
  const lease = await room.leases.take(`${backupLeases}1`, "backup", 600_000);
  assert.ok(lease);
  assert.equal((await room.later(hour)).pieces, 1);
  assert.deepEqual(await room.later(hour), nothing);
  assert.ok(room.onDisk(location));
  await room.leases.release(lease);
  assert.equal((await room.round()).removed, 1);
  assert.equal(room.onDisk(location), false);
});

for (const when of ["before the bytes are gone", "before it is written down"] as const)
  test(`killed ${when}, the next round removes what is left`, async (t) => {
    const room = await openCache(t);
    room.limit([upstream("docker.io")], 10);
    const location = await room.blob(busybox, "a");
    await room.later(hour);
    room.now += hour;
    const killed = () => Promise.reject(new Error("killed"));
    const { garbage, leases, store } = room;
    const { tombstones } = garbage;
    const first =
      when === "before the bytes are gone"
        ? { garbage, store: { delete: killed }, leases }
        : { garbage: { tombstones, forgetTombstones: killed }, store, leases };
    const { signal } = new AbortController();
    await removeBytes(first, room.now, signal).catch(() => undefined);
    assert.equal(room.onDisk(location), when === "before the bytes are gone");
    assert.equal((await room.round()).removed, 1);
    assert.equal(room.onDisk(location), false);
    assert.deepEqual(await garbage.tombstones(room.now + 1, 9), []);
  });

test("one that can't be removed is told, holds up no other, and is tried again", async (t) => {
  const refused: { location?: Location } = {};
  const room = await openCache(t, {
    store: {
      async delete(location) {
        if (location === refused.location) throw new Error("read-only file system");
        await room.store.delete(location);
      },
    },
  });
  room.limit([upstream("docker.io")], 10);
  refused.location = await room.blob(busybox, "a");
  const other = await room.blob(busybox, "b");
  await room.later(hour);
  const report = await room.later(hour);
  assert.equal(report.removed, 1);
  assert.match(String(report.failure), /read-only/);
  assert.equal(room.onDisk(other), false);
  delete refused.location;
  assert.equal((await room.round()).removed, 1);
});

test("bytes go also where no limit is set any more", async (t) => {
  const room = await openCache(t);
  room.limit([upstream("docker.io")], 10);
  const location = await room.blob(busybox, "a");
  await room.later(hour);
  room.limit([]);
  assert.equal((await room.later(hour)).removed, 1);
  assert.equal(room.onDisk(location), false);
});
