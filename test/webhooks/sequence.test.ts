import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { BerthEvent } from "#core/event.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { tellInSequence, type Delivery, type SequenceParts } from "#notify/webhooks/sequence.ts";
import { wants } from "#notify/webhooks/wants.ts";

const took: Delivery = { taken: true };
const refused = (retryAfter?: number): Delivery => ({ taken: false, fault: "it answered 500", retryAfter });

/** A sequence on events in memory, whose time passes only when it waits. */
function started(events: number, more: Partial<SequenceParts> = {}) {
  const list = Array.from({ length: events }, (_, i): BerthEvent => ({ ...event, id: i + 1 }));
  const state = { told: 0, delivered: 0, failures: 0, nextAt: 0 };
  const at = {
    ...{ now: 1_000, mine: true, broken: false, biggest: 0 },
    answers: [] as Delivery[],
    /** First and last id of each try, and when. */
    tries: [] as [number, number, number][],
    writes: [] as string[],
    told: [] as string[],
  };
  const stop = new AbortController();
  const parts: SequenceParts = {
    name: "ci",
    wants: () => true,
    batch: 10,
    tries: 5,
    outbox: {
      list(after, limit) {
        if (at.broken) return Promise.reject(new Error("no disk today"));
        const found = list.filter(({ id }) => id > after).slice(0, limit);
        at.biggest = Math.max(at.biggest, found.length);
        return Promise.resolve(found);
      },
      newest: () => Promise.resolve(list.at(-1)?.id ?? 0),
    },
    webhooks: {
      begin: (name) => Promise.resolve({ name, ...state, fault: undefined, deadLetters: 0 }),
      delivered(_, told, count) {
        at.writes.push(`delivered ${count} to ${told}`);
        Object.assign(state, { told, delivered: state.delivered + count, failures: 0, nextAt: 0 });
        return Promise.resolve();
      },
      failed(_, fault, nextAt) {
        at.writes.push(fault);
        state.failures++;
        state.nextAt = nextAt;
        return Promise.resolve();
      },
      died(_, dead, told) {
        at.writes.push(`died ${dead.length} to ${told}`);
        Object.assign(state, { told, failures: 0, nextAt: 0 });
        return Promise.resolve();
      },
    },
    clock: () => at.now,
    mine: () => at.mine,
    deliver(sent) {
      at.tries.push([sent[0]?.id ?? 0, sent.at(-1)?.id ?? 0, at.now]);
      return Promise.resolve(at.answers.shift() ?? took);
    },
    async news() {
      at.told.push("idle");
      await turn();
      stop.abort();
    },
    async pause(ms) {
      at.now += Math.max(0, ms);
      await turn();
    },
    tell: {
      failing: (fault) => at.told.push(`failing: ${fault}`),
      recovered: () => at.told.push("recovered"),
      died: (count) => at.told.push(`${count} died`),
      broken: () => at.told.push("broken"),
    },
    ...more,
  };
  return {
    at,
    state,
    list,
    stop,
    parts,
    run: (impatient = false) => tellInSequence(parts, impatient, stop.signal),
  };
}

const event: BerthEvent = {
  ...{ id: 0, at: 0, action: "push", repository: "team/app" as RepositoryName, count: 1 },
};

test("events go in batches, in order, and how far it came is written after each", async () => {
  const { at, run } = started(25);
  await run();
  assert.deepEqual(
    at.tries.map(([first, last]) => [first, last]),
    [
      [1, 10],
      [11, 20],
      [21, 25],
    ],
  );
  assert.deepEqual(at.writes, ["delivered 10 to 10", "delivered 10 to 20", "delivered 5 to 25"]);
});

test("what fails is tried again, later each time; the rest waits for it", async () => {
  const { at, run } = started(12);
  at.answers = [refused(), refused(), refused(60_000)];
  await run();
  assert.deepEqual(
    at.tries.map(([first, last]) => [first, last]),
    [
      [1, 10],
      [1, 10],
      [1, 10],
      [1, 10],
      [11, 12],
    ],
  );
  const waits = at.tries.slice(1, 4).map(([, , time], i) => time - (at.tries[i]?.[2] ?? 0));
  const [first = 0, second = 0, third = 0] = waits;
  assert.ok(first >= 800 && first <= 1_001 && second >= 1_600 && second <= 2_001, waits.join());
  assert.ok(third >= 60_000 && third <= 60_001);
  assert.deepEqual(at.told, ["failing: it answered 500", "recovered", "idle"]);
});

test("after all tries it is put aside, and the next goes", async () => {
  const { at, run } = started(11, { tries: 2 });
  at.answers = [refused(), refused()];
  await run();
  assert.deepEqual(at.writes, ["it answered 500", "died 10 to 10", "delivered 1 to 11"]);
  assert.deepEqual(at.told, ["failing: it answered 500", "10 died", "idle"]);
});

test("a server that goes on counts the tries of the one before, and waits as that said", async () => {
  const { at, state, run } = started(1, { tries: 5 });
  Object.assign(state, { failures: 4, nextAt: 50_000 });
  at.answers = [refused()];
  await run();
  assert.deepEqual(at.tries, [[1, 1, 50_000]]);
  assert.deepEqual(at.writes, ["died 1 to 1"]);
  const hurried = started(1);
  Object.assign(hurried.state, { failures: 1, nextAt: 50_000 });
  await hurried.run(true);
  assert.deepEqual(hurried.at.tries, [[1, 1, 1_000]], "configured anew it doesn't wait");
});

test("what isn't its business is passed over in pages, with one write at the end", async () => {
  const { at, run } = started(2_600, { wants: ({ id }) => id === 1_700 });
  await run();
  assert.deepEqual(at.tries.length, 1);
  assert.ok(at.biggest <= 500);
  assert.deepEqual(at.writes, ["delivered 1 to 2600"]);
  const nothing = started(2_600, { wants: () => false });
  await nothing.run();
  assert.deepEqual(nothing.at.writes, ["delivered 0 to 2600"]);
});

test("whoever lost the turn meanwhile writes nothing, and begins anew where the others came when it has it again", async () => {
  const { at, state, stop, parts } = started(20);
  const again = {
    ...parts,
    deliver(sent: readonly BerthEvent[], signal: AbortSignal) {
      if (at.tries.length === 0) at.mine = false;
      return parts.deliver(sent, signal);
    },
    async pause(ms: number, signal: AbortSignal) {
      // Another server told it of these.
      if (!at.mine) Object.assign(state, { told: 15 });
      await parts.pause(ms, signal);
      at.mine = true;
    },
  };
  await tellInSequence(again, false, stop.signal);
  assert.deepEqual(
    at.tries.map(([first, last]) => [first, last]),
    [
      [1, 10],
      [16, 20],
    ],
  );
  assert.deepEqual(at.writes, ["delivered 5 to 20"]);
});

test("a clock that was set back makes it wait an hour at most", async () => {
  const { at, run, parts } = started(1);
  at.answers = [refused()];
  const { pause } = parts;
  let longest = 0;
  parts.pause = (ms, signal) => {
    longest = Math.max(longest, ms);
    return pause(ms, signal);
  };
  const { failed } = parts.webhooks;
  parts.webhooks.failed = async (...what) => {
    await failed(...what);
    at.now -= 30 * 86_400_000;
  };
  await run();
  assert.equal(at.tries.length, 2);
  assert.ok(longest <= 3_600_000, `${longest} ms`);
});

test("what is given up because the server stops is no fault of metadata's", async () => {
  const { at, run, stop } = started(1, {
    deliver(_, signal) {
      stop.abort(new Error("the server stops"));
      return Promise.reject(signal.reason as Error);
    },
  });
  await run();
  assert.deepEqual(at.told, []);
  assert.deepEqual(at.writes, []);
});

test("while metadata can't be read it waits, says so once, and goes on", async () => {
  const { at, parts, stop } = started(3);
  at.broken = true;
  let pauses = 0;
  const waiting = {
    ...parts,
    async pause(ms: number, signal: AbortSignal) {
      await parts.pause(ms, signal);
      if (++pauses === 3) at.broken = false;
    },
  };
  await tellInSequence(waiting, false, stop.signal);
  assert.deepEqual(at.told, ["broken", "idle"]);
  assert.deepEqual(at.writes, ["delivered 3 to 3"]);
});

test("a webhook wants its actions in its repositories, and containers wherever they are", () => {
  const wanted = wants({ events: ["push", "exit"], repositories: ["team/*", "base"] });
  const asked = (action: BerthEvent["action"], repository?: string) =>
    wanted({ ...event, action, repository: repository as RepositoryName | undefined });
  assert.deepEqual(
    [asked("push", "team/app"), asked("push", "base"), asked("push", "team/a/b")],
    [true, true, false],
  );
  assert.deepEqual([asked("pull", "team/app"), asked("exit"), asked("start")], [false, true, false]);
});
