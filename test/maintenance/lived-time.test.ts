import assert from "node:assert/strict";
import { test } from "node:test";
import { createLivedTime } from "#maintenance/gc/lived-time.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Two clocks that go on together, and one that somebody sets. */
function clocks() {
  const at = { wall: Date.UTC(2026, 0, 1), steady: 5_000 };
  const lived = createLivedTime(
    () => at.wall,
    () => at.steady,
  );
  return {
    at,
    lived,
    passes(ms: number): void {
      at.wall += ms;
      at.steady += ms;
    },
    /** Time passes, and it is looked at as often as a server does. */
    lives(ms: number): void {
      for (let left = ms; left > 0; left -= minute) {
        this.passes(Math.min(minute, left));
        lived.now();
      }
    },
    isOlder: (marked: number, age: number) => marked < lived.now()(age),
  };
}

test("as long as nobody sets the clock, what is older than so long by it is so", () => {
  const room = clocks();
  const marked = room.at.wall;
  room.lives(day);
  assert.equal(room.isOlder(marked, day), false);
  room.passes(1);
  assert.equal(room.isOlder(marked, day), true);
});

test("a clock that is set forward, or a machine that slept, makes nothing old", () => {
  const room = clocks();
  room.lives(3 * day);
  const marked = room.at.wall;
  room.passes(30_000);
  const justBefore = room.at.wall;
  room.at.wall += 2 * day;
  for (const mark of [marked, justBefore]) assert.equal(room.isOlder(mark, minute), false);
  const after = room.at.wall;
  room.lives(day - minute);
  for (const mark of [marked, justBefore, after]) assert.equal(room.isOlder(mark, day), false);
  assert.ok(room.isOlder(marked, hour) && room.isOlder(after, hour));
  room.lives(3 * minute);
  for (const mark of [marked, justBefore, after]) assert.equal(room.isOlder(mark, day), true);
});

test("a machine that sleeps every night gets old things, too", () => {
  const room = clocks();
  const marked = room.at.wall;
  for (let days = 0; days < 3; days++) {
    room.lives(16 * hour);
    assert.equal(room.isOlder(marked, day), days > 0);
    room.at.wall += 8 * hour;
  }
});

test("a clock that is set back, and right again, makes nothing old too soon", () => {
  const room = clocks();
  room.lives(hour);
  const before = room.at.wall;
  room.at.wall -= day;
  room.lives(hour);
  const amid = room.at.wall;
  room.at.wall += day;
  room.lives(hour);
  for (const mark of [before, amid]) assert.equal(room.isOlder(mark, 3 * hour), false);
  assert.equal(room.isOlder(before, hour / 2), true);
  room.lives(2 * hour + 2 * minute);
  for (const mark of [before, amid]) assert.equal(room.isOlder(mark, 3 * hour), true);
});

test("clocks that drift apart a little all the time hold nothing up", () => {
  const room = clocks();
  const marked = room.at.wall;
  for (let n = 0; n < 1440; n++) {
    room.at.wall += 5;
    room.lives(minute);
  }
  room.passes(3_000);
  assert.equal(room.isOlder(marked, day - 10_000), true);
});
