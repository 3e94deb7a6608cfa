import assert from "node:assert/strict";
import { test } from "node:test";
import { backOff, triesWithin } from "#notify/webhooks/back-off.ts";

const [minute, hour] = [60_000, 3_600_000];

test("twice as long each time, from a second to ten minutes, less up to a fifth by chance", () => {
  const pauses = [1, 2, 3, 4, 10, 11, 12, 1_000_000].map((failures) => backOff(failures, undefined, 0));
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 512_000, 10 * minute, 10 * minute, 10 * minute]);
  assert.equal(backOff(1, undefined, 1), 800);
});

test("what the target asks for is heard, up to an hour", () => {
  assert.equal(backOff(1, 30_000, 0), 30_000);
  assert.equal(backOff(12, 30_000, 0), 10 * minute);
  assert.equal(backOff(1, 1e12, 0), hour);
});

test("as many tries as their pauses fill the time", () => {
  assert.deepEqual([0, 1_000, 1_001, 3_000, 3_001].map(triesWithin), [1, 2, 3, 3, 4]);
  const sum = (tries: number) =>
    Array.from({ length: tries - 1 }, (_, i) => backOff(i + 1, undefined, 0)).reduce((a, b) => a + b, 0);
  for (const time of [minute, hour, 24 * hour, 720 * hour]) {
    const tries = triesWithin(time);
    assert.ok(sum(tries) >= time && sum(tries - 1) < time, `${time}: ${tries}`);
  }
});
