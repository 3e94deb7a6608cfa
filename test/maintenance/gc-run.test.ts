import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "#core/errors.ts";
import { createPace } from "#maintenance/gc/pace.ts";
import { counts, day, openRoom, other, team } from "./gc-room.ts";

const never = new AbortController().signal;

test("after each step there is a pause of three times its work, and rows follow how long a step takes", async () => {
  const pauses: number[] = [];
  const pace = createPace(
    () => 25,
    never,
    (ms) => Promise.resolve(void pauses.push(ms)),
  );
  const work = (ms: number) => {
    const end = performance.now() + ms;
    while (performance.now() < end);
  };
  assert.equal(pace.rows(), 200);
  for (let i = 0; i < 5; i++) {
    work(25);
    await pace.breathe();
  }
  assert.ok(pauses.every((ms) => ms >= 75));
  assert.equal(pace.rows(), 10);
  const all = createPace(
    () => 100,
    never,
    () => assert.fail("there is no pause at 100 percent"),
  );
  work(5);
  await all.breathe();
});

test("a signal ends a run at its next step, and the next run goes on", async (t) => {
  const stop = new AbortController();
  const room = await openRoom(t, ({ garbage }) => ({
    garbage: {
      ...garbage,
      async dropLinks(...given) {
        const dropped = await garbage.dropLinks(...given);
        stop.abort(new Error("stopped"));
        return dropped;
      },
    },
  }));
  for (let i = 0; i < 250; i++) await room.blob(team, Buffer.from(`${i}`));
  room.now += day + 1;
  await assert.rejects(room.run({}, stop.signal), /stopped/);
  const { tombstones, looseLinks } = await room.garbage.counts();
  assert.equal(tombstones + looseLinks, 250);
  assert.ok(tombstones > 0 && looseLinks > 0);
  const [told] = await room.metadata.housekeeping.runs();
  assert.match(String(told?.fault), /it was stopped; the next run goes on/);
  await assert.rejects(room.run({}, stop.signal), /stopped/);
});

test("people see how far a run is and what it did; of a dry run they see nothing", async (t) => {
  const room = await openRoom(t);
  await room.blob(team, Buffer.alloc(90));
  room.now += day + 1;
  await room.run({ dryRun: true });
  assert.deepEqual(await room.metadata.housekeeping.runs(), []);
  await room.run();
  const [told] = await room.metadata.housekeeping.runs();
  assert.ok(told);
  assert.deepEqual(
    [told.kind, told.startedAt, told.endedAt, told.fault],
    ["gc", room.now, room.now, undefined],
  );
  assert.deepEqual(told.progress, {
    uploads: 0,
    manifests: 0,
    tags: 0,
    blobs: 1,
    strays: 0,
    bytes: 90,
    removed: 0,
    freed: 0,
    waiting: 90,
  });
});

test("a step that fails is told, and holds up no other", async (t) => {
  const away = new AppError("unavailable", "the bucket is away");
  const room = await openRoom(t, ({ uploads, store }) => ({
    uploads: { ...uploads, purge: () => Promise.reject(away) },
    store: {
      ...store,
      list: () => {
        throw away;
      },
    },
  }));
  await room.blob(team);
  room.now += day + 1;
  const failed: string[] = [];
  const report = await room.run({ failed: (step) => failed.push(step) });
  assert.deepEqual(failed, ["unfinished uploads", "stray files"]);
  assert.deepEqual([counts(report), report.fault], [{ unused: 1 }, "the bucket is away"]);
  assert.equal((await room.metadata.housekeeping.runs())[0]?.fault, "the bucket is away");
});

test("what comes back to life between choosing and dropping stays", async (t) => {
  const room = await openRoom(t, ({ garbage }) => ({
    garbage: {
      ...garbage,
      async looseLinks(...given) {
        const found = await garbage.looseLinks(...given);
        for (const { digest, repository } of found.slice(0, 1))
          await room.repositories.mount(repository, digest, undefined, room.now, undefined);
        return found;
      },
      async looseManifests(...given) {
        const found = await garbage.looseManifests(...given);
        for (const { repository } of found.manifests) await room.manifest(repository, image, "again");
        return found;
      },
    },
  }));
  room.set({ untagged: [{ repositories: ["**"], after: 0 }] });
  const image = room.image();
  await room.put(other, image);
  await room.blob(team);
  await room.blob(team);
  assert.deepEqual(counts(await room.later(day + 1)), { unused: 1 });
  assert.equal(await room.repositories.exists(other), true);
  assert.ok(await room.repositories.manifestFacts(other, image.digest as never));
});

test("examples of a reason are a few, however much goes", async (t) => {
  const room = await openRoom(t);
  for (let i = 0; i < 30; i++) await room.blob(`team/r${i}` as typeof team, Buffer.from(`${i}`));
  for (let i = 0; i < 5; i++) await room.blob("team/r0" as typeof team, Buffer.from(`more ${i}`));
  const { reasons } = await room.later(day + 1);
  assert.equal(reasons[0]?.count, 35);
  assert.equal(reasons[0]?.repositories.length, 20);
  const [first] = reasons[0]?.repositories ?? [];
  assert.deepEqual([first?.count, first?.examples.length], [6, 3]);
});
