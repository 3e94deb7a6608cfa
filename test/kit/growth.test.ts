import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import { createGrowth } from "#kit/growth.ts";

/** Whether it has settled by the next turn of the event loop. */
async function state(promise: Promise<void>): Promise<"waits" | "resolved" | string> {
  const settled = promise.then(
    () => "resolved",
    (error: Error) => error.message,
  );
  return Promise.race([settled, turn("waits")]);
}

test("wakes only who has less than is there", async () => {
  const growth = createGrowth();
  const [none, nine, ten, far] = [0, 9, 10, 1000].map((beyond) => growth.more(beyond));
  assert.equal(await state(none as Promise<void>), "waits");
  growth.grow(10);
  assert.equal(growth.readable, 10);
  assert.equal(await state(none as Promise<void>), "resolved");
  assert.equal(await state(nine as Promise<void>), "resolved");
  assert.equal(await state(ten as Promise<void>), "waits");
  growth.grow(11);
  assert.equal(await state(ten as Promise<void>), "resolved");
  assert.equal(await state(far as Promise<void>), "waits");
  assert.equal(await state(growth.more(10)), "resolved");
  growth.grow(5);
  assert.equal(growth.readable, 11);
});

test("the end wakes everybody, and later ones don't wait", async () => {
  const growth = createGrowth();
  const waiting = growth.more(7);
  growth.grow(7);
  assert.equal(await state(waiting), "waits");
  growth.end();
  assert.equal(await state(waiting), "resolved");
  assert.equal(await state(growth.more(7)), "resolved");
  assert.ok(growth.over);
  growth.grow(8);
  growth.fail(new Error("too late"));
  assert.equal(growth.readable, 7);
  assert.equal(await state(growth.more(99)), "resolved");
});

test("a failure reaches who waits and who comes later, but takes nothing back", async () => {
  const growth = createGrowth();
  const waiting = growth.more(5);
  growth.grow(5);
  growth.fail(new Error("broke off"));
  growth.end();
  assert.equal(await state(waiting), "broke off");
  assert.equal(await state(growth.more(5)), "broke off");
  assert.equal(await state(growth.more(4)), "resolved");
});

test("a failure that nobody looks at is no unhandled rejection", async (t) => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", note);
  t.after(() => process.off("unhandledRejection", note));
  const growth = createGrowth();
  for (let i = 0; i < 100; i++) void growth.more(i % 10);
  growth.fail(new Error("broke off"));
  void growth.more(0);
  await turn();
  await turn();
  assert.deepEqual(unhandled, []);
});

test("thousands wait at places of their own, and each is woken once there is more", async () => {
  const growth = createGrowth();
  const total = 20_000;
  const woken: number[] = [];
  const all = Array.from({ length: total }, async (_, i) => {
    await growth.more(i);
    assert.ok(growth.readable > i);
    woken.push(i);
  });
  for (let to = 0; to < total; to += 997) {
    growth.grow(to);
    await turn();
    assert.equal(woken.length, to);
  }
  growth.grow(total);
  await Promise.all(all);
});

test("who follows at its own pace reads all of it", async () => {
  const growth = createGrowth();
  const followers = Array.from({ length: 200 }, async (_, i) => {
    let at = 0;
    while (at < 1000) {
      await growth.more(at);
      at = Math.min(growth.readable, at + 1 + i);
    }
    return at;
  });
  for (let to = 1; to <= 1000; to++) {
    growth.grow(to);
    if (to % 10 === 0) await turn();
  }
  growth.end();
  assert.deepEqual(new Set(await Promise.all(followers)), new Set([1000]));
});
