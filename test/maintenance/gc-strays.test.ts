import assert from "node:assert/strict";
import { test } from "node:test";
import type { Location } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { digestOf } from "#oci/digest.ts";
import { bodyOf } from "../contract/blob-store-checks.ts";
import { freshBytes } from "../harness/registry-content.ts";
import { counts, day, hour, minute, nobody, openRoom, team } from "./gc-room.ts";

const stray = async (room: Awaited<ReturnType<typeof openRoom>>, size = 300) => {
  const bytes = freshBytes(size);
  return { bytes, location: await room.store.put(digestOf("sha256", bytes), bytes) };
};

test("a file that nobody knows goes when it was seen twice, a grace apart", async (t) => {
  const room = await openRoom(t);
  const image = room.image();
  await room.put(team, image, "v1");
  const { location } = await stray(room);
  assert.deepEqual(counts(await room.run()), {});
  assert.deepEqual(counts(await room.later(day)), {});
  assert.ok(room.isStored(location));
  room.now += 1;
  const told = await room.run({ dryRun: true });
  const report = await room.run();
  assert.deepEqual(report.reasons, [
    {
      reason: "stray",
      count: 1,
      bytes: 300,
      repositories: [{ repository: "", count: 1, examples: [location] }],
    },
  ]);
  assert.deepEqual(told.reasons, report.reasons);
  assert.ok(room.isStored(location));
  await room.later(minute + 1);
  assert.ok(!room.isStored(location));
  assert.equal((await room.files()).length, image.blobs.length);
});

test("where most of the store is unknown nothing goes, for the database may be the wrong one", async (t) => {
  const room = await openRoom(t);
  const { location } = await stray(room);
  await room.run();
  const refused = await room.later(day + 1);
  assert.deepEqual([counts(refused), refused.freed.blobs], [{}, 0]);
  assert.match(
    String(refused.fault),
    /has 1 files .* knows 0 blobs.*right database\?.*berth gc --all-strays/,
  );
  assert.match(String((await room.run({ dryRun: true })).fault), /right database/);
  await room.put(team, room.image(), "v1");
  for (let i = 0; i < 20; i++) await stray(room, 5);
  assert.match(String((await room.run()).fault), /has 21 files .* knows 2 blobs/);
  assert.ok(room.isStored(location));
  assert.deepEqual(counts(await room.run({ allStrays: true })), { stray: 1 });
  assert.deepEqual(counts(await room.later(day + 1)), { stray: 20 });
});

test("one that is recorded between the two looks stays, and is remembered no more", async (t) => {
  const room = await openRoom(t);
  const { bytes, location } = await stray(room);
  await room.run();
  assert.equal((await room.garbage.strays(9, undefined)).length, 1);
  await room.repositories.addBlob({
    repository: team,
    digest: digestOf("sha256", bytes),
    size: bytes.length,
    location,
    upload: undefined,
    replace: undefined,
    now: room.now,
    by: undefined,
  });
  await room.later(day - hour);
  assert.deepEqual(await room.garbage.strays(9, undefined), []);
  assert.ok(room.isStored(location));
});

test("one that somebody removed is forgotten", async (t) => {
  const room = await openRoom(t);
  const { location } = await stray(room);
  await room.run();
  await room.store.delete(location);
  await room.later(hour);
  assert.deepEqual(await room.garbage.strays(9, undefined), []);
});

test("without the look at the store strays wait, and all else goes", async (t) => {
  const room = await openRoom(t);
  await stray(room);
  await room.blob(team);
  await room.run({ strays: false });
  assert.deepEqual(await room.garbage.strays(9, undefined), []);
  assert.deepEqual(counts(await room.later(day + 1, { strays: false })), { unused: 1 });
});

test("what lies in a store that is only read isn't this registry's to remove", async (t) => {
  const kept = new Set<Location>();
  const room = await openRoom(t, () => ({ mayRemove: (location) => !kept.has(location) }));
  const { location } = await stray(room);
  kept.add(location);
  await room.later(hour);
  assert.deepEqual(await room.garbage.strays(9, undefined), []);
  await room.later(2 * day);
  await room.later(2 * day);
  assert.ok(room.isStored(location));
});

test("many strays, among many that are known, in bounded pages", async (t) => {
  const room = await openRoom(t);
  const image = room.image();
  await room.put(team, image, "v1");
  for (let i = 0; i < 1100; i++) await stray(room, 5);
  await room.run();
  const counted = await room.garbage.counts();
  assert.deepEqual([counted.strays, counted.strayBytes], [1100, 5500]);
  const report = await room.later(day + 1, { allStrays: true });
  assert.deepEqual([counts(report), report.reasons[0]?.bytes], [{ stray: 1100 }, 5500]);
  assert.equal((await room.later(minute + 1)).freed.blobs, 1100);
  assert.equal((await room.files()).length, image.blobs.length);
});

test("an upload that nobody went on with goes, and so do bytes of one that nobody knows", async (t) => {
  const room = await openRoom(t);
  const { id } = await room.uploads.begin(nobody, team, "sha256");
  const handle = room.store.begin();
  await room.store.append(handle, 0, bodyOf([Buffer.from("abc")]));
  assert.deepEqual(counts(await room.later(day - hour)), {});
  assert.equal(await room.store.uploaded(handle), 3);
  const told = await room.later(2 * hour, { dryRun: true });
  const report = await room.run();
  assert.deepEqual(counts(report), { unfinished: 2 });
  assert.deepEqual(told.reasons, report.reasons);
  assert.equal(await room.store.uploaded(handle), 0);
  assert.equal(await room.metadata.uploads.find(id), undefined);
});

test("a folder that can't be read holds up no stray in another, and is told of", async (t) => {
  const room = await openRoom(t);
  await room.put(team, room.image(), "v1");
  const first = await stray(room);
  const second = await stray(room);
  await room.run();
  const why = new AppError("storage-failed", "it can't be read", { cause: new Error("EACCES") });
  const { stat, list } = room.store;
  t.after(() => Object.assign(room.store, { stat, list }));
  Object.assign(room.store, {
    stat: (location: Location) => (location === first.location ? Promise.reject(why) : stat(location)),
    async *list(...known: Parameters<typeof list>) {
      yield* list(...known);
      throw why;
    },
  });
  const report = await room.later(day + 1);
  assert.deepEqual([counts(report), report.fault], [{ stray: 1 }, "it can't be read (EACCES)"]);
  assert.equal((await room.garbage.strays(9, undefined))[0]?.location, first.location);
  await room.later(minute + 1);
  assert.deepEqual([room.isStored(first.location), room.isStored(second.location)], [true, false]);
});
