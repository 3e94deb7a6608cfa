import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import pino from "pino";
import { scheduleRetention } from "#app/house/retention-schedule.ts";
import { alone, type Upkeep } from "#app/servers/upkeep-lease.ts";
import { live } from "#core/live.ts";
import type { Tag } from "#oci/reference.ts";
import { load } from "../config/load.ts";
import { app, by, day, openRetention } from "../maintenance/retention/room.ts";
import { createRetention } from "#maintenance/retention/retention.ts";

const hour = 3_600_000;
const newest = "rules: [{ repositories: team/*, keep: { newest: 1 } }]";
const configOf = (lines: string) => load({ file: `retention: { ${lines} }` }).config;

/** A repository with three tags, and the schedule, which looks when it is told to. */
async function open(t: TestContext, lines: string, upkeep: Upkeep = alone) {
  const room = await openRetention(t);
  for (let i = 0; i < 3; i++) await room.push(`t${i}`, i);
  const config = live(configOf(lines));
  const metadata = { ...room.metadata, now: () => room.now };
  const said: string[] = [];
  const log = pino(
    { base: null },
    { write: (line: string) => void said.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const start = () => {
    const rules = {
      get current() {
        return config.current.retention.rules;
      },
    };
    const retention = createRetention({
      ...{ metadata, rules, immutable: () => undefined, clock: metadata.now, by, share: 100 },
    });
    return scheduleRetention({ config, retention, metadata, upkeep, log, every: day });
  };
  return { room, config, said, start };
}

test("new rules wait an hour, also over a restart; then runs come every retention.every", async (t) => {
  const { room, said, start } = await open(t, newest);
  {
    await using schedule = start();
    await schedule.look();
    room.now += hour - 1;
    await schedule.look();
    assert.deepEqual(await room.tags(), ["t0", "t1", "t2"]);
    assert.deepEqual(said.length, 1);
    assert.match(said[0] ?? "", /retention has new rules .* berth retention preview/);
  }
  await using schedule = start();
  await schedule.look();
  assert.equal((await room.tags()).length, 3);
  room.now += hour;
  await schedule.look();
  assert.deepEqual(await room.tags(), ["t0"]);
  assert.deepEqual(said.slice(2), ["tags removed by retention", "retention has run"]);
  await room.push("t3", 0);
  room.now += day - 1;
  await schedule.look();
  assert.deepEqual(await room.tags(), ["t0", "t3"]);
  room.now += 1;
  await schedule.look();
  assert.deepEqual(await room.tags(), ["t3"]);
});

test("a clock that was ahead when a run began doesn't hold up the next ones", async (t) => {
  const { room, start } = await open(t, newest);
  room.now += 300 * day;
  await room.run(newest.slice("rules: ".length));
  room.now -= 300 * day;
  await room.push("t3", -1);
  await using schedule = start();
  await schedule.look();
  assert.deepEqual(await room.tags(), ["t3"]);
});

test("rules that changed wait anew, and those that ran by hand don't", async (t) => {
  const { room, config, start } = await open(t, newest);
  await room.run(newest.slice("rules: ".length));
  assert.deepEqual(await room.tags(), ["t0"]);
  await using schedule = start();
  await schedule.look();
  config.swap(configOf("rules: [{ repositories: team/*, keep: none }]"));
  room.now += 2 * day;
  await schedule.look();
  assert.deepEqual(await room.tags(), ["t0"]);
  room.now += hour;
  await schedule.look();
  assert.deepEqual(await room.tags(), []);
});

test("without rules nothing runs, and removed tags are forgotten all the same", async (t) => {
  const { room, start } = await open(t, "undo: 1d");
  const { repositories, tagRoom, housekeeping } = room.metadata;
  await repositories.deleteTag(app, "t0" as Tag, {}, room.now, undefined);
  await using schedule = start();
  room.now += day;
  await schedule.look();
  assert.equal((await tagRoom.removed(app, { limit: 9, after: undefined })).length, 1);
  room.now += 1;
  await schedule.look();
  assert.deepEqual(await tagRoom.removed(app, { limit: 9, after: undefined }), []);
  assert.deepEqual(await housekeeping.runs(), []);
});

test("a server that hasn't the upkeep does nothing, and one whose run was killed goes on a minute later", async (t) => {
  let mine = false;
  const { room, start } = await open(t, newest, { ...alone, mine: () => mine });
  await room.run(newest.slice("rules: ".length));
  const [run] = await room.metadata.housekeeping.runs();
  assert.ok(run);
  await room.metadata.housekeeping.tell({ ...run, endedAt: undefined });
  room.now += 1;
  await room.push("t4", 0);
  await using schedule = start();
  room.now += day;
  await schedule.look();
  assert.equal((await room.tags()).length, 2);
  mine = true;
  room.now -= day - 59_000;
  await schedule.look();
  assert.equal((await room.tags()).length, 2);
  room.now += 1_000;
  await schedule.look();
  assert.deepEqual(await room.tags(), ["t4"]);
});
