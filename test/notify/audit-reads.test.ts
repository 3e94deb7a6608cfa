import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { AuditEntry } from "#core/audit.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { createAuditReads } from "#notify/audit-reads.ts";
import { pull } from "../contract/metadata/audit-content.ts";

const { at: _at, count: _count, ...entry } = pull(0);
const of = (i: number) => ({ ...entry, repository: `app/${i}` as RepositoryName });

/** Reads whose seconds are the test's. */
function started(t: TestContext, keepReads = true) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const written: AuditEntry[][] = [];
  const lost: number[] = [];
  const failed: unknown[] = [];
  const state = { now: 5, fails: false, hold: undefined as Promise<void> | undefined };
  const reads = createAuditReads({
    log: {
      async append(entries) {
        await state.hold;
        if (state.fails) throw new Error("no disk today");
        written.push([...entries]);
      },
    },
    clock: () => state.now,
    keepReads,
    onLost: (count) => lost.push(count),
    onFailed: (error) => failed.push(error),
  });
  const second = async () => {
    state.now += 1000;
    t.mock.timers.tick(1000);
    for (let i = 0; i < 30; i++) await turn();
  };
  const sum = () => written.flat().reduce((all, { count }) => all + count, 0);
  return { reads, written, lost, failed, state, second, sum };
}

test("equal entries are one, with the time and the request of the first", async (t) => {
  const { reads, written, state, second } = started(t);
  await using _ = reads;
  reads.note({ ...entry, request: "first" });
  state.now = 9;
  reads.note({ ...entry, request: "second" });
  reads.note({ ...entry, request: "third" });
  assert.equal(written.length, 0);
  await second();
  assert.deepEqual(written, [[{ ...entry, request: "first", at: 5, count: 3 }]]);
  await second();
  assert.equal(written.length, 1, "nothing new, nothing written");
  reads.note(entry);
  await second();
  assert.equal(written[1]?.[0]?.count, 1);
});

test("entries that differ in anything but the request stay apart", async (t) => {
  const { reads, written, second } = started(t);
  await using _ = reads;
  const others = [
    entry,
    { ...entry, actorId: "user:2" },
    { ...entry, actor: "bob" },
    { ...entry, kind: "robot" as const },
    { ...entry, action: "pull-blob" as const },
    of(1),
    { ...entry, tag: undefined },
    { ...entry, digest: undefined },
    { ...entry, address: "192.0.2.8" },
    { ...entry, rule: "admin" },
    { ...entry, subject: "web" },
  ];
  for (const one of [...others, ...others]) reads.note(one);
  await second();
  assert.deepEqual(
    written.flat().map(({ count }) => count),
    others.map(() => 2),
  );
});

test("without reads only sign-ins and refusals are kept", async (t) => {
  const { reads, written, second } = started(t, false);
  await using _ = reads;
  for (const action of ["pull-manifest", "pull-blob", "sign-in", "sign-in-failed", "denied"] as const)
    reads.note({ ...entry, action });
  await second();
  assert.deepEqual(
    written.flat().map(({ action }) => action),
    ["sign-in", "sign-in-failed", "denied"],
  );
});

test("a thousand distinct entries don't wait for the second", async (t) => {
  const { reads, written } = started(t);
  await using _ = reads;
  for (let i = 0; i < 999; i++) reads.note(of(i));
  await turn();
  assert.equal(written.length, 0);
  reads.note(of(999));
  await turn();
  assert.equal(written[0]?.length, 1000);
});

test("a failed write is told once, and written with the next", async (t) => {
  const { reads, written, failed, state, second, sum } = started(t);
  await using _ = reads;
  state.fails = true;
  reads.note(entry);
  reads.note(of(1));
  await second();
  reads.note(entry);
  await second();
  assert.equal(failed.length, 1);
  assert.equal(written.length, 0);
  state.fails = false;
  await second();
  assert.equal(sum(), 3);
  const [first] = written.flat().filter(({ repository }) => repository === entry.repository);
  assert.deepEqual([first?.count, first?.at], [2, 5], "counted on, with the time of the first");
  state.fails = true;
  reads.note(entry);
  await second();
  assert.equal(failed.length, 2, "told again after a success");
});

test("what comes while a write fails isn't lost, and doesn't try again at every request", async (t) => {
  const { reads, failed, state, second, sum } = started(t);
  await using _ = reads;
  let fail: () => void = () => undefined;
  state.fails = true;
  state.hold = new Promise((resolve) => (fail = resolve));
  reads.note(entry);
  await second();
  reads.note({ ...entry, request: "later" });
  fail();
  state.hold = undefined;
  for (let i = 0; i < 3000; i++) reads.note(of(i));
  await second();
  assert.equal(failed.length, 1);
  state.fails = false;
  await second();
  assert.equal(sum(), 3002);
});

test("memory is bounded: beyond 10,000 distinct entries they are counted as lost, told once a minute", async (t) => {
  const { reads, lost, state, second, sum } = started(t);
  await using _ = reads;
  state.fails = true;
  for (let i = 0; i < 10_005; i++) reads.note(of(i));
  // Known ones still count.
  reads.note(of(5_000));
  await second();
  assert.deepEqual(lost, [5]);
  reads.note(of(20_000));
  for (let i = 0; i < 59; i++) await second();
  assert.deepEqual(lost, [5]);
  await second();
  assert.deepEqual(lost, [5, 1]);
  state.fails = false;
  await second();
  assert.equal(sum(), 10_001);
});

test("disposing writes the rest, also what comes while a write runs", async (t) => {
  const { reads, state, second, sum, lost } = started(t);
  let go: () => void = () => undefined;
  state.hold = new Promise((resolve) => (go = resolve));
  reads.note(entry);
  await second();
  reads.note(entry);
  const done = reads[Symbol.asyncDispose]();
  go();
  await done;
  assert.equal(sum(), 2);
  assert.deepEqual(lost, []);
});

test("what can't be written at the end is told as lost", async (t) => {
  const { reads, state, lost } = started(t);
  state.fails = true;
  reads.note(entry);
  reads.note(entry);
  await reads[Symbol.asyncDispose]();
  assert.deepEqual(lost, [2]);
});

test("a name that somebody failed to sign in with is cut", async (t) => {
  const { reads, written, second } = started(t);
  await using _ = reads;
  reads.note({ ...entry, action: "sign-in-failed", actor: "x".repeat(10_000) });
  reads.note({ ...entry, action: "sign-in-failed", actor: "x".repeat(10_001) });
  await second();
  assert.deepEqual(
    written.flat().map(({ actor, count }) => [actor.length, count]),
    [[257, 2]],
  );
});
