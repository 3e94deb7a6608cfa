import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Location } from "#core/blob-store.ts";
import { readingLeases } from "#core/metadata/lease-names.ts";
import type { Leases } from "#core/metadata/leases.ts";
import { heldWhileRead } from "#maintenance/gc/held-while-read.ts";
import { removeBytes } from "#maintenance/gc/remove-bytes.ts";
import { digestOf } from "#oci/digest.ts";
import { collect } from "../contract/blob-store-checks.ts";
import { freshBytes } from "../harness/registry-content.ts";
import { day, openRoom, team } from "./gc-room.ts";

/** Until it holds, ten seconds at most. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (await holds()) return;
    await sleep(10);
  }
  assert.fail("it never came to hold");
}

async function open(t: TestContext, change: (leases: Leases) => Partial<Leases> = () => ({})) {
  const room = await openRoom(t);
  const { leases } = room.metadata;
  const parts = { leases: { ...leases, ...change(leases) }, breaksOff: () => true, after: 20, every: 20 };
  const held = heldWhileRead(room.store, parts);
  const another = heldWhileRead(room.store, parts);
  const bytes = freshBytes(1000);
  const location = await room.store.put(digestOf("sha256", bytes), bytes);
  const holds = async (count: number) => (await leases.held(readingLeases + location)).length === count;
  return { room, leases, held, another, bytes, location, holds };
}

test("a reader that takes long holds its blob's bytes, each process for itself, until it is done", async (t) => {
  const { room, leases, held, another, bytes, holds } = await open(t);
  const digest = await room.blob(team, bytes);
  const place = (await room.location(digest)) as Location;
  const [first, second, third] = [await held.open(place), await held.open(place), await another.open(place)];
  const names = async (count: number) => (await leases.held(readingLeases + place)).length === count;
  await until(() => names(2));
  assert.ok(await holds(0));
  await room.later(day + 1);
  room.now += day;
  const parts = { garbage: room.garbage, store: room.store, leases };
  const remove = async () => (await removeBytes(parts, room.now, new AbortController().signal)).removed;
  assert.equal(await remove(), 0);
  assert.ok((await collect(first.read(0, 999))).equals(bytes));
  await first.close();
  await third.close();
  await until(() => names(1));
  assert.equal(await remove(), 0);
  await second.close();
  await second.close();
  await until(() => names(0));
  assert.equal(await remove(), 1);
});

test("one that is quick holds nothing, and what can't be opened neither", async (t) => {
  let taken = 0;
  const { held, location, leases, room } = await open(t, (leases) => ({
    take: (...given) => {
      taken++;
      return leases.take(...given);
    },
  }));
  await (await held.open(location)).close();
  await room.store.delete(location);
  await assert.rejects(held.open(location), { code: "blob-damaged" });
  await sleep(80);
  assert.equal(taken, 0);
  assert.deepEqual(await leases.held(readingLeases), []);
});

test("a lease that can't be had is asked for again, and a lost one taken anew", async (t) => {
  let away = 2;
  const { held, location, holds } = await open(t, (leases) => ({
    take: (...given) => (away-- > 0 ? Promise.reject(new Error("database away")) : leases.take(...given)),
    renew: async (lease) => {
      await leases.release(lease);
      return false;
    },
  }));
  await using _blob = await held.open(location);
  await until(() => holds(1));
  await sleep(60);
  await until(() => holds(1));
});
