import assert from "node:assert/strict";
import { test } from "node:test";
import { coalesce } from "#kit/coalesce.ts";

/** Runs that end when the test says so. */
function controlled() {
  const runs: { key: string; end: (error?: Error) => void }[] = [];
  const call = coalesce<string>(
    (key) =>
      new Promise((resolve, reject) => {
        runs.push({ key, end: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
  );
  return { call, runs };
}

test("callers during a run share exactly one run after it", async () => {
  const { call, runs } = controlled();
  const first = call("a");
  const late = [call("a"), call("a"), call("a")];
  assert.equal(runs.length, 1);
  runs[0]?.end();
  await first;
  await Promise.resolve();
  assert.equal(runs.length, 2);
  runs[1]?.end();
  await Promise.all(late);
  assert.equal(runs.length, 2);
});

test("nobody rides on a run that began before the call", async () => {
  const { call, runs } = controlled();
  const first = call("a");
  let served = false;
  const second = call("a").then(() => (served = true));
  runs[0]?.end();
  await first;
  for (let i = 0; i < 10; i++) await Promise.resolve();
  assert.equal(served, false);
  assert.equal(runs.length, 2);
  // The second run has begun, so this caller needs a third.
  const third = call("a");
  runs[1]?.end();
  await second;
  for (let i = 0; i < 10; i++) await Promise.resolve();
  assert.equal(runs.length, 3);
  runs[2]?.end();
  await third;
});

test("a failed run is told to its sharers only; the next run is a new one", async () => {
  const { call, runs } = controlled();
  const first = assert.rejects(call("a"), /disk gone/);
  const second = call("a");
  const third = call("a");
  runs[0]?.end(new Error("disk gone"));
  await first;
  await Promise.resolve();
  const both = Promise.all([assert.rejects(second, /again/), assert.rejects(third, /again/)]);
  runs[1]?.end(new Error("again"));
  await both;
  const fourth = call("a");
  runs[2]?.end();
  await fourth;
});

test("keys don't wait for each other", async () => {
  const { call, runs } = controlled();
  const a = call("a");
  const b = call("b");
  assert.deepEqual(
    runs.map((run) => run.key),
    ["a", "b"],
  );
  runs[1]?.end();
  await b;
  runs[0]?.end();
  await a;
});

test("a run that throws at once rejects its caller", async () => {
  const call = coalesce<string>(() => {
    throw new Error("at once");
  });
  await assert.rejects(call("a"), /at once/);
  await assert.rejects(call("a"), /at once/);
});
