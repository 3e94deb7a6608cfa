import assert from "node:assert/strict";
import { test } from "node:test";
import { freshBytes } from "../harness/registry-content.ts";
import type { Digest } from "#oci/digest.ts";
import { counts, day, hour, minute, openRoom, other, team } from "./gc-room.ts";

test("a blob that no manifest names goes after its grace: link, row, a minute, bytes", async (t) => {
  const room = await openRoom(t);
  const digest = await room.blob(team, freshBytes(700));
  const location = await room.location(digest);
  assert.ok(location);
  assert.deepEqual(counts(await room.later(day)), {});
  const report = await room.later(1);
  assert.deepEqual(report.reasons, [
    {
      reason: "unused",
      count: 1,
      bytes: 700,
      repositories: [{ repository: team, count: 1, examples: [digest] }],
    },
  ]);
  assert.deepEqual(
    [report.freed, report.waiting],
    [
      { blobs: 0, bytes: 0 },
      { blobs: 1, bytes: 700 },
    ],
  );
  assert.equal(await room.repositories.blob(team, digest), undefined);
  assert.equal(await room.location(digest), undefined);
  assert.ok(room.isStored(location));
  const last = await room.later(minute + 1);
  assert.deepEqual(
    [last.freed, last.waiting],
    [
      { blobs: 1, bytes: 700 },
      { blobs: 0, bytes: 0 },
    ],
  );
  assert.ok(!room.isStored(location));
});

test("readers have their minute from when the blob went, not from when a long run began", async (t) => {
  const room = await openRoom(t);
  const location = await room.location(await room.blob(team));
  assert.ok(location);
  room.now += day + 1;
  // Each step takes its time.
  const watch = () => void (room.now += 10 * minute);
  const { freed, waiting } = await room.run({ watch });
  assert.deepEqual([freed.blobs, waiting.blobs], [0, 1]);
  assert.ok(room.isStored(location));
});

test("what a manifest names stays however old it is, in each repository that names it", async (t) => {
  const room = await openRoom(t);
  const image = room.image();
  await room.put(team, image, "v1");
  const extra = await room.blob(team);
  await room.settle();
  for (const blob of image.blobs) assert.ok(await room.repositories.blob(team, blob.digest as Digest));
  assert.equal(await room.repositories.blob(team, extra), undefined);
  assert.equal((await room.files()).length, image.blobs.length);
});

test("a blob of two repositories keeps its bytes until both have let it go", async (t) => {
  const room = await openRoom(t);
  const bytes = freshBytes(400);
  const digest = await room.blob(team, bytes);
  room.now += hour;
  await room.repositories.mount(other, digest, team, room.now, undefined);
  const first = await room.later(day - hour + 1);
  assert.deepEqual([counts(first), first.reasons[0]?.bytes], [{ unused: 1 }, 0]);
  assert.ok(await room.repositories.blob(other, digest));
  const second = await room.later(hour);
  assert.deepEqual([counts(second), second.reasons[0]?.bytes], [{ unused: 1 }, 400]);
});

test("an upload, a mount and a HEAD each begin the grace anew", async (t) => {
  const room = await openRoom(t);
  const bytes = freshBytes(100);
  const digest = await room.blob(team, bytes);
  const again: (() => Promise<unknown>)[] = [
    () => room.blob(team, bytes),
    () => room.repositories.mount(team, digest, undefined, room.now, undefined),
    () => room.garbage.touch(team, "blob", digest, room.now, minute),
  ];
  for (const act of again) {
    room.now += day - hour;
    await act();
    assert.deepEqual(counts(await room.later(day - 1)), {});
    assert.ok(await room.repositories.blob(team, digest));
  }
  assert.deepEqual(counts(await room.later(2)), { unused: 1 });
});

test("a manifest that comes late, within the grace of its blobs, finds them", async (t) => {
  const room = await openRoom(t);
  const image = room.image();
  for (const { bytes } of image.blobs) await room.blob(team, bytes);
  await room.later(day - minute);
  await room.manifest(team, image, "late");
  await room.settle();
  assert.equal((await room.files()).length, image.blobs.length);
});

test("a blob whose last link was deleted goes after the grace", async (t) => {
  const room = await openRoom(t);
  const digest = await room.blob(team);
  await room.repositories.unlinkBlob(team, digest, room.now, undefined);
  assert.deepEqual(counts(await room.later(day - 1)), {});
  assert.deepEqual(counts(await room.later(2)), { unused: 1 });
});

test("many go in bounded steps, and a dry run has said the same before", async (t) => {
  const room = await openRoom(t);
  for (let i = 0; i < 450; i++) await room.blob(i % 3 === 0 ? other : team, freshBytes(10));
  const shared = await room.blob(team, freshBytes(1000));
  await room.repositories.mount(other, shared, team, room.now, undefined);
  room.now += day + 1;
  const told = await room.run({ dryRun: true });
  assert.equal(told.dryRun, true);
  assert.equal((await room.garbage.counts()).tombstones, 0);
  const done = await room.run();
  assert.deepEqual(counts(done), { unused: 452 });
  assert.equal(done.reasons[0]?.bytes, 5500);
  assert.deepEqual(done.reasons, told.reasons);
});

test("a backup's lease holds bytes back", async (t) => {
  const room = await openRoom(t);
  const digest = await room.blob(team);
  const location = await room.location(digest);
  assert.ok(location);
  await room.later(day + 1);
  const lease = await room.metadata.leases.take("backup/x", "me", 600_000);
  assert.ok(lease);
  assert.deepEqual((await room.later(hour)).freed, { blobs: 0, bytes: 0 });
  assert.ok(room.isStored(location));
  await room.metadata.leases.release(lease);
  assert.equal((await room.run()).freed.blobs, 1);
});
