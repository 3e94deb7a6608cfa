import assert from "node:assert/strict";
import { test } from "node:test";
import type { Logins } from "#core/metadata/logins.ts";
import type { Open } from "./content.ts";

const second = 1000;
const minute = 60 * second;

/** Tries until `count` attempts were let through, waiting as told; the time of the last one. */
async function fail(
  logins: Logins,
  account: string,
  address: string,
  count: number,
  from = 0,
): Promise<number> {
  let now = from;
  for (let i = 0; i < count; i++) {
    for (let wait = 1; wait > 0; now += wait) wait = await logins.attempt(account, address, now);
  }
  return now;
}

export function loginContract(open: Open): void {
  test("five wrong passwords are free, then each wait is twice the one before, up to a minute", async () => {
    await using metadata = await open();
    const { logins } = metadata;
    let now = 0;
    const waits: number[] = [];
    for (let i = 0; i < 14; i++) {
      const wait = await logins.attempt("alice", "10.0.0.1", now);
      waits.push(wait / second);
      if (wait === 0) continue;
      assert.equal(await logins.attempt("alice", "10.0.0.1", now), wait, "asking costs nothing");
      now += wait;
      assert.equal(await logins.attempt("alice", "10.0.0.1", now), 0);
    }
    assert.deepEqual(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test("many at once can't slip through", async () => {
    await using metadata = await open();
    const many = Array.from({ length: 50 }, () => metadata.logins.attempt("alice", "10.0.0.1", 5));
    assert.equal((await Promise.all(many)).filter((wait) => wait === 0).length, 5);
  });

  test("failures fade after a quarter of an hour", async () => {
    await using metadata = await open();
    const { logins } = metadata;
    const now = await fail(logins, "alice", "10.0.0.1", 12);
    assert.equal(await logins.attempt("alice", "10.0.0.1", now + 15 * minute), 0);
    assert.equal(await logins.attempt("alice", "10.0.0.1", now + 15 * minute), 0);
  });

  test("a right password forgets the failures of that account from that address", async () => {
    await using metadata = await open();
    const { logins } = metadata;
    for (let i = 0; i < 30; i++) {
      assert.equal(await logins.attempt("alice", "10.0.0.1", 0), 0);
      await logins.succeeded("alice", "10.0.0.1");
    }
  });

  test("nobody locks others out: another address, and another account, still may", async () => {
    await using metadata = await open();
    const { logins } = metadata;
    const now = await fail(logins, "alice", "10.0.0.66", 8);
    assert.ok((await logins.attempt("alice", "10.0.0.66", now)) > 0);
    assert.equal(await logins.attempt("alice", "10.0.0.1", now), 0);
    assert.equal(await logins.attempt("bob", "10.0.0.66", now), 0);
  });

  test("an address that tries many accounts waits after twenty, even with a right one among them", async () => {
    await using metadata = await open();
    const { logins } = metadata;
    for (let i = 0; i < 20; i++) {
      assert.equal(await logins.attempt(`user${i}`, "10.0.0.1", 0), 0);
      assert.equal(await logins.attempt("own", "10.0.0.1", 0), 0);
      await logins.succeeded("own", "10.0.0.1");
    }
    assert.equal(await logins.attempt("one-more", "10.0.0.1", 0), second);
    assert.equal(await logins.attempt("one-more", "10.0.0.1", second), 0);
    assert.equal(await logins.attempt("one-more", "10.0.0.1", second), 2 * second);
    assert.equal(await logins.attempt("one-more", "10.0.0.2", second), 0);
    assert.equal(await logins.attempt("own", "10.0.0.1", second), 0, "signed in from here before");
  });

  test("beyond an account's budget new addresses wait a little each time; known ones don't", async () => {
    await using metadata = await open();
    const { logins } = metadata;
    assert.equal(await logins.attempt("alice", "10.0.0.1", 0), 0);
    await logins.succeeded("alice", "10.0.0.1");
    for (let i = 0; i < 100; i++) assert.equal(await logins.attempt("alice", `10.1.${i}.1`, 0), 0);
    assert.equal(await logins.attempt("alice", "10.0.0.1", 1), 0, "signed in from here before");
    assert.equal(await logins.attempt("alice", "10.2.0.1", 1), 5 * second);
    assert.equal(await logins.attempt("alice", "10.2.0.1", 1 + second), 4 * second);
    assert.equal(await logins.attempt("alice", "10.2.0.1", 1 + 5 * second), 0);
    assert.equal(await logins.attempt("alice", "10.2.0.1", 1 + 5 * second), 5 * second);
    assert.equal(await logins.attempt("bob", "10.2.0.9", 1), 0, "another account has its own budget");
    assert.equal(await logins.attempt("alice", "10.2.0.3", 10 * minute), 0, "the budget is for ten minutes");
  });

  test("a clock that is set back makes nobody wait longer than a minute", async () => {
    await using metadata = await open();
    const { logins } = metadata;
    await fail(logins, "alice", "10.0.0.1", 12, 1e12);
    assert.equal(await logins.attempt("alice", "10.0.0.1", 1000), minute);
    assert.equal(await logins.attempt("alice", "10.0.0.1", 1000 + minute), 0);
  });
}
