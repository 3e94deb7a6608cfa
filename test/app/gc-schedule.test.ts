import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { scheduleGc, type GcScheduleParts } from "#app/house/gc-schedule.ts";
import { alone } from "#app/servers/upkeep-lease.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import { live } from "#core/live.ts";
import type { Leases } from "#core/metadata/leases.ts";
import type { GcReport } from "#maintenance/gc/gc-report.ts";
import { defaultConfig } from "../harness/default-config.ts";

const nothing: GcReport = {
  dryRun: false,
  reasons: [],
  freed: { blobs: 0, bytes: 0 },
  waiting: { blobs: 0, bytes: 0 },
  fault: undefined,
};
const something: GcReport = {
  ...nothing,
  reasons: [{ reason: "unused", count: 2, bytes: 70, repositories: [] }],
};

/** A schedule with quick times around a collector that notes what it is asked. */
function open(more: Partial<GcScheduleParts> = {}, gc: Partial<Config["gc"]> = {}) {
  const first = defaultConfig("/nowhere");
  const config = live<Config>({ ...first, gc: { ...first.gc, every: 30, ...gc } });
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { base: null, timestamp: false },
    { write: (line: string) => void lines.push(JSON.parse(line) as never) },
  );
  const runs: { strays: boolean }[] = [];
  const done = { bytes: 0, report: nothing as GcReport | Error, removed: 0 };
  let held = false;
  const leases: Pick<Leases, "take" | "renew" | "release"> = {
    take: (name, holder) => {
      if (held) return Promise.resolve(undefined);
      held = true;
      return Promise.resolve({ name, holder, fence: 1 });
    },
    renew: () => Promise.resolve(true),
    release: () => Promise.resolve(void (held = false)),
  };
  const schedule = scheduleGc({
    config,
    leases,
    upkeep: alone,
    log,
    used: () => Promise.resolve(10),
    times: { look: 5, first: 0, bytes: 10, full: 50 },
    collector: {
      run(order) {
        assert.ok(held, "without the lease");
        runs.push({ strays: order.strays });
        return done.report instanceof Error ? Promise.reject(done.report) : Promise.resolve(done.report);
      },
      removeBytes() {
        done.bytes++;
        const removed = done.removed;
        done.removed = 0;
        return Promise.resolve({
          removed,
          bytes: 10 * removed,
          more: false,
          last: undefined,
          failure: undefined,
        });
      },
    },
    ...more,
  });
  return { schedule, config, lines, runs, done, hold: (is: boolean) => (held = is) };
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2000 && !holds(); tries++) await sleep(5);
  assert.ok(holds(), "it never came to hold");
}

test("runs come again and again, bytes in between; only what did something is told", async () => {
  const { schedule, lines, runs, done } = open();
  await using _ = schedule;
  await until(() => runs.length >= 3 && done.bytes >= 3);
  assert.equal(lines.length, 0);
  done.report = something;
  done.removed = 4;
  await until(() => lines.length >= 2);
  const told = lines.map(({ msg }) => msg);
  assert.ok(told.includes("collected garbage") && told.includes("removed bytes that nobody has any more"));
  const line = lines.find(({ msg }) => msg === "collected garbage");
  assert.deepEqual([line?.unused, line?.bytes], [2, 70]);
});

test("the whole store is read at the first run, and then some times in a grace", async () => {
  const { schedule, runs } = open({}, { grace: 3600_000 });
  await using _ = schedule;
  await until(() => runs.length >= 4);
  assert.deepEqual(
    runs.slice(0, 4).map(({ strays }) => strays),
    [true, false, false, false],
  );
});

test("who isn't asked to does nothing: off, not our turn", async () => {
  const off = open({}, { enabled: false });
  const idle = open({ upkeep: { mine: () => false, whenMine: alone.whenMine.bind(alone) } });
  {
    await using _off = off.schedule;
    await using _idle = idle.schedule;
    // What was evicted or collected before still goes.
    await until(() => off.done.bytes >= 3);
  }
  assert.deepEqual([off.runs, idle.runs, idle.done.bytes], [[], [], 0]);
});

test("while berth gc is at it there is no run, and no error", async () => {
  const { schedule, runs, lines, hold, done } = open();
  hold(true);
  await using _ = schedule;
  await until(() => done.bytes >= 5);
  assert.deepEqual([runs, lines], [[], []]);
  hold(false);
  await until(() => runs.length > 0);
});

test("what fails is logged once, and tried again", async () => {
  const { schedule, runs, lines, done } = open();
  done.report = new Error("database away");
  await using _ = schedule;
  await until(() => runs.length >= 3);
  assert.equal(lines.length, 1);
  assert.match(JSON.stringify(lines[0]), /collecting garbage failed; it is tried again.*|database away/);
});

test("a full disk begins a run at once, and warns when there is nothing to remove", async () => {
  let percent = 91;
  const { schedule, runs, lines, config, done } = open(
    { used: () => Promise.resolve(percent) },
    { every: 3600_000 },
  );
  await using _ = schedule;
  await until(() => runs.length >= 3);
  assert.equal(lines.length, 1);
  assert.match(String(lines[0]?.msg), /is 91 percent full, and there is no garbage to remove: .*gc\.grace/);
  done.report = something;
  const before = runs.length;
  await until(() => runs.length > before + 1);
  percent = 90;
  await sleep(120);
  const at = runs.length;
  await sleep(120);
  assert.equal(runs.length, at);
  percent = 95;
  config.swap({ ...config.current, gc: { ...config.current.gc, high_water: 100 } });
  await sleep(120);
  assert.equal(runs.length, at);
});

test("a server stops soon, also while a bucket hangs amid a run", async () => {
  const hangs = { run: 0 };
  const { schedule } = open({
    times: { look: 5, first: 0, bytes: 10, full: 50, stop: 10 },
    collector: {
      run() {
        hangs.run++;
        return new Promise(() => undefined);
      },
      removeBytes: () =>
        Promise.resolve({ removed: 0, bytes: 0, more: false, last: undefined, failure: undefined }),
    },
  });
  await until(() => hangs.run > 0);
  await schedule[Symbol.asyncDispose]();
});

test("a disk so full that nothing can be written is cleaned with the room that was kept for that", async () => {
  const room = { kept: 0, given: 0 };
  const full = new AppError("storage-full", "the disk is full");
  const runs: string[] = [];
  const { schedule, lines } = open({
    reserve: {
      keep: () => Promise.resolve(void room.kept++),
      release: () => Promise.resolve(++room.given === 1),
    },
    collector: {
      run(order) {
        const step = room.given === 0 ? "full" : "room";
        runs.push(step);
        if (step === "full") order.failed?.("unused blobs", full);
        return Promise.resolve(something);
      },
      removeBytes: () =>
        Promise.resolve({ removed: 0, bytes: 0, more: false, last: undefined, failure: undefined }),
    },
  });
  await using _ = schedule;
  await until(() => runs.length >= 2);
  assert.deepEqual([runs.slice(0, 2), room.given], [["full", "room"], 1]);
  assert.ok(room.kept > 0);
  assert.ok(lines.some(({ msg }) => String(msg).startsWith("the disk is full: garbage is collected")));
});
