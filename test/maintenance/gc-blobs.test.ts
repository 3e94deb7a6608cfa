import assert from "node:assert/strict";
import { test } from "node:test";
import { importLeases } from "#core/metadata/lease-names.ts";
import { freshBytes } from "../harness/registry-content.ts";
import type { Digest } from "#oci/digest.ts";
import { counts, day, hour, minute, nobody, openRoom, other, team } from "./gc-room.ts";

const none = () => Promise.resolve(0);
/** Uploads that nobody ends. */
const never = { purge: none, stale: none };

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
  const watch = (step: string) => void (room.now += step === "manifests" ? 10 * minute : 0);
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

test("while an import goes on, whose manifests come long after their blobs, what nothing names stays", async (t) => {
  const room = await openRoom(t);
  room.set({ untagged: [{ repositories: ["**"], after: 0 }] });
  const digest = await room.blob(team);
  const manifest = await room.put(team, room.image());
  const lease = await room.metadata.leases.take(`${importLeases}1`, "import", hour);
  assert.ok(lease);
  const held = await room.later(day + 1);
  assert.deepEqual(
    [counts(held), String(held.fault)],
    [{}, "an import goes on: blobs and manifests are left until it has ended"],
  );
  assert.ok(await room.repositories.blob(team, digest));
  assert.ok(await room.repositories.manifestFacts(team, manifest));
  await room.metadata.leases.release(lease);
  assert.deepEqual(counts(await room.run()), { untagged: 1, unused: 1 });
});

test("a layer that takes longer than the grace doesn't lose those that came before it", async (t) => {
  const room = await openRoom(t, ({ uploads }) => ({ uploads: { ...uploads, ...never } }));
  room.set({ untagged: [{ repositories: ["**"], after: 0 }] });
  const old = await room.blob(team);
  room.now += day;
  const small = await room.blob(team);
  const elsewhere = await room.blob(other);
  const child = await room.put(team, room.image());
  room.now += minute;
  const { id } = await room.uploads.begin(nobody, team, "sha256");
  const told = await room.later(2 * day, { dryRun: true });
  const report = await room.run();
  assert.deepEqual(counts(report), { unused: 2 });
  assert.deepEqual(told.reasons, report.reasons);
  assert.equal(await room.repositories.blob(team, old), undefined);
  assert.equal(await room.repositories.blob(other, elsewhere), undefined);
  assert.ok(await room.repositories.blob(team, small));
  assert.ok(await room.repositories.manifestFacts(team, child));
  await room.uploads.cancel(nobody, team, id);
  assert.deepEqual(counts(await room.run()), { untagged: 1, unused: 1 });
});
