import assert from "node:assert/strict";
import { test } from "node:test";
import type { BerthEvent } from "#core/event.ts";
import { alpha, digest, tag, type Open } from "./content.ts";

const fresh = { delivered: 0, failures: 0, nextAt: 0, fault: undefined, deadLetters: 0 };

export function webhookContract(open: Open): void {
  test("a state begins once, goes on as events are delivered, and counts what fails", async () => {
    await using metadata = await open();
    const { webhooks } = metadata;
    assert.deepEqual(await webhooks.states(), []);
    assert.deepEqual(await webhooks.begin("ci", 7, 1), { name: "ci", told: 7, ...fresh });
    assert.deepEqual(await webhooks.begin("ci", 99, 2), { name: "ci", told: 7, ...fresh });
    await webhooks.begin("a", 0, 2);
    await webhooks.delivered("ci", 9, 2, 3);
    await webhooks.failed("ci", "it answered 500", 1_000, 4);
    await webhooks.failed("ci", "it answered 502", 3_000, 5);
    assert.deepEqual(await webhooks.states(), [
      { name: "a", told: 0, ...fresh },
      { ...fresh, name: "ci", told: 9, delivered: 2, failures: 2, nextAt: 3_000, fault: "it answered 502" },
    ]);
    await webhooks.delivered("ci", 12, 3, 6);
    const [, ci] = await webhooks.states();
    assert.deepEqual(ci, { ...fresh, name: "ci", told: 12, delivered: 5 });
  });

  test("what isn't taken after all tries is put aside with its events, and the rest goes on", async () => {
    await using metadata = await open();
    const { webhooks } = metadata;
    for (const name of ["a", "b"]) await webhooks.begin(name, 0, 1);
    const events = [event(3), event(4)];
    await webhooks.failed("a", "reset", 5, 5);
    await webhooks.died("a", events, 4, "reset again", 6);
    await webhooks.died("b", [event(3)], 3, "gone", 7);
    await webhooks.died("a", [event(5)], 5, "gone", 8);
    const all = await webhooks.deadLetters(undefined, 0, 9);
    assert.deepEqual(
      all.map(({ id, ...rest }) => rest),
      [
        { webhook: "a", events, diedAt: 6, failures: 2, fault: "reset again" },
        { webhook: "b", events: [event(3)], diedAt: 7, failures: 1, fault: "gone" },
        { webhook: "a", events: [event(5)], diedAt: 8, failures: 1, fault: "gone" },
      ],
    );
    const [first, second, third] = all;
    assert.ok(first && second && third && first.id < second.id && second.id < third.id);
    assert.deepEqual(await webhooks.deadLetters("a", 0, 1), [first]);
    assert.deepEqual(await webhooks.deadLetters("a", first.id, 9), [third]);
    assert.deepEqual(await webhooks.deadLetters(undefined, second.id, 9), [third]);
    const [a, b] = await webhooks.states();
    assert.deepEqual(a, { ...fresh, name: "a", told: 5, deadLetters: 2 });
    assert.deepEqual(b, { ...fresh, name: "b", told: 3, deadLetters: 1 });

    await webhooks.stillDead(third.id, "it still is");
    const [again] = await webhooks.deadLetters("a", first.id, 9);
    assert.deepEqual(again, { ...third, failures: 2, fault: "it still is" });
    assert.equal(await webhooks.buried(first.id), true);
    assert.equal(await webhooks.buried(first.id), false);
    await webhooks.forget("a");
    await webhooks.forget("unknown");
    assert.deepEqual(await webhooks.deadLetters(undefined, 0, 9), [second]);
    assert.deepEqual(await webhooks.states(), [b]);
    assert.deepEqual(await webhooks.begin("a", 20, 9), { name: "a", told: 20, ...fresh });
  });
}

function event(id: number): BerthEvent {
  const actor = { actor: "alice", kind: "user", address: "", request: "r-1" } as const;
  const what = { action: "push", repository: alpha, tag: tag("latest"), digest: digest("m") } as const;
  return { id, at: id * 10, ...what, mediaType: "a/b", size: 5, actor, count: 1 };
}
