import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Lease, Leases } from "#core/metadata/leases.ts";
import type { Open } from "./content.ts";

const long = 60_000;
const short = 30;

async function taken(leases: Leases, name: string, holder: string, ttl = long): Promise<Lease> {
  const lease = await leases.take(name, holder, ttl);
  assert.ok(lease, `${holder} should get ${name}`);
  return lease;
}

/** What somebody gets who asks again and again until the lease is free. */
async function takenLater(leases: Leases, name: string, holder: string): Promise<Lease> {
  for (let i = 0; i < 500; i++) {
    const lease = await leases.take(name, holder, long);
    if (lease !== undefined) return lease;
    await pause(10);
  }
  throw new Error(`${name} was never free`);
}

export function leaseContract(open: Open): void {
  test("of many takers at once one gets it", async () => {
    await using metadata = await open();
    const { leases } = metadata;
    const holders = ["a", "b", "c", "d", "e", "f"];
    const got = await Promise.all(holders.map((holder) => leases.take("upkeep", holder, long)));
    const [winner, ...more] = got.filter((lease) => lease !== undefined);
    assert.ok(winner);
    assert.deepEqual(more, []);
    assert.equal(winner.name, "upkeep");
    assert.ok(holders.includes(winner.holder));
  });

  test("its own holder gets it prolonged, with the same fence", async () => {
    await using metadata = await open();
    const { leases } = metadata;
    const first = await taken(leases, "upkeep", "me");
    assert.deepEqual(await leases.take("upkeep", "me", long), first);
    assert.equal(await leases.renew(first, long), true);
    assert.deepEqual(await leases.take("upkeep", "me", long), first);
    assert.equal(await leases.take("upkeep", "you", long), undefined);
  });

  test("prolonged, it holds for longer", async () => {
    await using metadata = await open();
    const { leases } = metadata;
    const first = 500;
    const renewed = async (name: string) => {
      // On a slow machine one may run out before it is renewed.
      for (let i = 0; i < 20; i++)
        if (await leases.renew(await taken(leases, name, "me", first), long)) return;
      throw new Error("never renewed in time");
    };
    await taken(leases, "taken again", "me", first);
    await Promise.all([renewed("renewed"), taken(leases, "taken again", "me")]);
    await pause(first + 50);
    assert.deepEqual(await leases.held(""), ["renewed", "taken again"]);
    assert.equal(await leases.take("renewed", "you", long), undefined);
    assert.equal(await leases.take("taken again", "you", long), undefined);
  });

  test("given back it is free at once, and the fence grows with each holder", async () => {
    await using metadata = await open();
    const { leases } = metadata;
    let fence = 0;
    for (const holder of ["a", "b", "a", "c"]) {
      const lease = await taken(leases, "gc", holder);
      assert.ok(lease.fence > fence, `${lease.fence} after ${fence}`);
      fence = lease.fence;
      await leases.release(lease);
    }
  });

  test("one that ran out is free, and grows the fence", async () => {
    await using metadata = await open();
    const { leases } = metadata;
    const old = await taken(leases, "gc", "crashed", short);
    const next = await takenLater(leases, "gc", "next");
    assert.ok(next.fence > old.fence);
  });

  test("who lost it can't renew it, and can't take it from its new holder", async () => {
    await using metadata = await open();
    const { leases } = metadata;
    const lost = await taken(leases, "gc", "slow", short);
    const now = await takenLater(leases, "gc", "next");
    assert.equal(await leases.renew(lost, long), false);
    await leases.release(lost);
    assert.equal(await leases.take("gc", "slow", long), undefined);
    assert.equal(await leases.renew(now, long), true);
  });

  test("one that ran out can't be renewed, even if nobody took it", async () => {
    await using metadata = await open();
    const { leases } = metadata;
    const lost = await taken(leases, "gc", "slow", short);
    for (let i = 0; i < 500 && (await leases.held("gc")).length > 0; i++) await pause(10);
    assert.equal(await leases.renew(lost, long), false);
    assert.deepEqual(await leases.held(""), []);
  });

  test("what a holder had before is not what it has now", async () => {
    await using metadata = await open();
    const { leases } = metadata;
    const before = await taken(leases, "gc", "me");
    await leases.release(before);
    const now = await taken(leases, "gc", "me");
    assert.ok(now.fence > before.fence);
    assert.equal(await leases.renew(before, long), false);
    await leases.release(before);
    assert.equal(await leases.renew(now, long), true);
  });

  test("fences grow for a name that was long forgotten, too", async () => {
    await using metadata = await open();
    const { leases } = metadata;
    const first = await taken(leases, "gc", "me");
    await leases.release(first);
    for (let i = 0; i < 5; i++) await leases.release(await taken(leases, `backup/${i}`, "me"));
    assert.ok((await taken(leases, "gc", "you")).fence > first.fence);
  });

  test("giving back what one doesn't have is fine", async () => {
    await using metadata = await open();
    const { leases } = metadata;
    const nobodys = { name: "gc", holder: "me", fence: 1 };
    await leases.release(nobodys);
    assert.equal(await leases.renew(nobodys, long), false);
    const lease = await taken(leases, "gc", "me");
    await leases.release(lease);
    await leases.release(lease);
    assert.deepEqual(await leases.held(""), []);
  });

  test("each name is held by itself", async () => {
    await using metadata = await open();
    const { leases } = metadata;
    const [gc, upkeep] = [await taken(leases, "gc", "a"), await taken(leases, "upkeep", "b")];
    await leases.release(gc);
    assert.equal(await leases.renew(upkeep, long), true);
    assert.deepEqual(await leases.held(""), ["upkeep"]);
  });

  test("those that are held are told by the bytes of their beginning", async () => {
    await using metadata = await open();
    const { leases } = metadata;
    const names = ["backup/1", "backup/ü", "backup_2", "Backup/3", "backup", "b%ckup/4"];
    for (const name of names) await taken(leases, name, "me");
    await leases.release(await taken(leases, "backup/over", "me"));
    assert.deepEqual(await leases.held("backup/"), ["backup/1", "backup/ü"]);
    assert.deepEqual(await leases.held("backup_"), ["backup_2"]);
    assert.deepEqual(await leases.held("b%"), ["b%ckup/4"]);
    assert.deepEqual(await leases.held("ü"), []);
    const bytewise = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(await leases.held(""), bytewise);
  });
}
