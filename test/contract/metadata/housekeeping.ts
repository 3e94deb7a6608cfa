import assert from "node:assert/strict";
import { test } from "node:test";
import type { Damage, HousekeepingRun } from "#core/metadata/housekeeping.ts";
import { alpha, beta, digest, type Open } from "./content.ts";

function run(rest: Partial<HousekeepingRun> = {}): HousekeepingRun {
  return {
    kind: "scrub",
    startedAt: 1000,
    seenAt: 1000,
    endedAt: undefined,
    progress: { step: "blobs", blobs: 12, bytes: 3456 },
    fault: undefined,
    ...rest,
  };
}

function damaged(text: string, rest: Partial<Damage> = {}): Damage {
  return {
    digest: digest(text),
    kind: "blob",
    repository: undefined,
    why: "is missing",
    foundAt: 1,
    ...rest,
  };
}

function ordered(...damage: Damage[]): Damage[] {
  const key = ({ digest, kind, repository }: Damage) => `${digest} ${kind} ${repository ?? ""}`;
  return damage.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

export function housekeepingContract(open: Open): void {
  test("a run is seen while it goes on and after it, one of each kind", async () => {
    await using metadata = await open();
    const { housekeeping } = metadata;
    assert.deepEqual(await housekeeping.runs(), []);
    await housekeeping.tell(run());
    await housekeeping.tell(run({ kind: "gc", progress: {} }));
    assert.deepEqual(await housekeeping.runs(), [run({ kind: "gc", progress: {} }), run()]);

    const ended = run({ seenAt: 3000, endedAt: 3000, fault: "the disk is full", progress: { step: "end" } });
    await housekeeping.tell(ended);
    assert.deepEqual(await housekeeping.runs(), [run({ kind: "gc", progress: {} }), ended]);

    const next = run({ startedAt: 4000, seenAt: 4000 });
    await housekeeping.tell(next);
    assert.deepEqual((await housekeeping.runs())[1], next);
  });

  test("a run that another replaced says nothing any more", async () => {
    await using metadata = await open();
    const { housekeeping } = metadata;
    const newer = run({ startedAt: 2000, seenAt: 2000 });
    await housekeeping.tell(newer);
    await housekeeping.tell(run({ startedAt: 1000, seenAt: 9000 }));
    assert.deepEqual(await housekeeping.runs(), [newer]);
  });

  test("a run that began by a clock that was ahead is replaced all the same", async () => {
    await using metadata = await open();
    const { housekeeping } = metadata;
    await housekeeping.tell(run({ startedAt: 9_000_000, seenAt: 9_000_000, endedAt: 9_000_000 }));
    await housekeeping.tell(run({ startedAt: 2000, seenAt: 2000 }));
    assert.deepEqual(await housekeeping.runs(), [run({ startedAt: 2000, seenAt: 2000 })]);
  });

  test("damage is remembered until it is repaired; what is known gets the new reason, not a new time", async () => {
    await using metadata = await open();
    const { housekeeping } = metadata;
    const everywhere = damaged("a");
    const here = damaged("a", { kind: "manifest", repository: alpha, why: "has other bytes" });
    const there = damaged("a", { kind: "manifest", repository: beta, why: "names what isn't there" });
    await housekeeping.found([everywhere, here, there]);
    await housekeeping.found([]);
    assert.deepEqual(await housekeeping.damage(10), ordered(everywhere, here, there));

    await housekeeping.found([damaged("a", { why: "is short", foundAt: 9 })]);
    assert.deepEqual(await housekeeping.damage(10), ordered({ ...everywhere, why: "is short" }, here, there));

    await housekeeping.repaired([
      { digest: here.digest, kind: "manifest", repository: alpha },
      { digest: digest("unknown"), kind: "blob", repository: undefined },
    ]);
    assert.deepEqual(await housekeeping.damage(10), ordered({ ...everywhere, why: "is short" }, there));
    await housekeeping.repaired([everywhere, there]);
    await housekeeping.repaired([]);
    assert.deepEqual(await housekeeping.damage(10), []);
  });

  test("damage comes by digest, as much as is asked for; of the same thing the last word counts", async () => {
    await using metadata = await open();
    const { housekeeping } = metadata;
    const many = Array.from({ length: 450 }, (_, i) => damaged(`blob ${i}`));
    await housekeeping.found([...many, damaged("blob 3", { why: "last word" })]);
    const list = await housekeeping.damage(1000);
    assert.deepEqual(
      list,
      ordered(...many.map((each, i) => (i === 3 ? { ...each, why: "last word" } : each))),
    );
    assert.deepEqual(await housekeeping.damage(5), list.slice(0, 5));
    await housekeeping.repaired(list);
    assert.deepEqual(await housekeeping.damage(5), []);
  });
}
