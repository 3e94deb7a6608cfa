import assert from "node:assert/strict";
import { test } from "node:test";
import { live } from "#core/live.ts";
import type { TagRoom } from "#core/metadata/tag-room.ts";
import { createRetention } from "#maintenance/retention/retention.ts";
import { forgetRemoved } from "#maintenance/retention/forget-removed.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { digest } from "../../contract/metadata/content.ts";
import { app, by, day, openRetention, rulesOf } from "./room.ts";

const newest = "[{ name: builds, repositories: team/*, keep: { newest: 2 } }]";
const newestRemoved = { limit: 1_000, after: undefined };
const unseen = { removed: () => undefined };
const going = () => new AbortController().signal;

test("a run removes what no rule keeps, says so, and what it removed can come back", async (t) => {
  const room = await openRetention(t);
  const { tagRoom, housekeeping, repositories } = room.metadata;
  for (let i = 1; i <= 5; i++) await room.push(`b${i}`, 10 - i);
  await room.push("x", 90, { repository: "team/small" as RepositoryName });
  assert.deepEqual(await room.run(newest), {
    removed: 3,
    repositories: [{ repository: app, tags: 5, removed: 3, rules: { builds: 3 } }],
  });
  assert.deepEqual(await room.tags(), ["b4", "b5"]);
  const removed = await tagRoom.removed(app, newestRemoved);
  assert.deepEqual(removed.map(({ name }) => name).sort(), ["b1", "b2", "b3"]);
  assert.deepEqual(
    [removed[0]?.removedBy, removed[0]?.rule, removed[0]?.removedAt],
    ["retention", "retention rule builds", room.now],
  );
  const [run] = await housekeeping.runs();
  assert.deepEqual([run?.kind, run?.endedAt, run?.fault], ["retention", room.now, undefined]);
  const { rules, ...progress } = run?.progress ?? {};
  assert.deepEqual(progress, { repositories: 2, tags: 6, kept: 3, removed: 3 });
  assert.match(String(rules), /^[0-9a-f]{12}$/);
  assert.equal(
    (await tagRoom.restore(removed[0]?.id ?? 0, "absent", room.now, undefined)).outcome,
    "restored",
  );
  assert.deepEqual((await repositories.tags(app, { limit: 9, last: undefined })).length, 3);
  assert.deepEqual((await room.run(newest)).removed, 1, "the next run removes it again, unless it is pinned");
});

test("within the window a removed tag comes back, after it no more", async (t) => {
  const room = await openRetention(t);
  const { tagRoom } = room.metadata;
  for (let i = 1; i <= 4; i++) await room.push(`b${i}`, 10 - i);
  await room.run(newest);
  room.now += 7 * day;
  assert.equal(await forgetRemoved(tagRoom, 7 * day, () => room.now, going()), 0);
  const [removed, ...others] = await tagRoom.removed(app, newestRemoved);
  assert.equal((await tagRoom.restore(removed?.id ?? 0, "absent", room.now, undefined)).outcome, "restored");
  room.now += 1;
  assert.equal(await forgetRemoved(tagRoom, 7 * day, () => room.now, going()), 1);
  assert.equal((await tagRoom.restore(others[0]?.id ?? 0, "absent", room.now, undefined)).outcome, "gone");
});

test("more tags than a page has are all seen", async (t) => {
  const room = await openRetention(t);
  const { repositories } = room.metadata;
  const names = Array.from({ length: 701 }, (_, i) => `t${i}`);
  await room.push("t0", 9, { text: "m" });
  await Promise.all(names.map((name, i) => room.push(name, 700 - i, { text: "m" })));
  assert.equal((await room.run("[{ repositories: team/*, keep: { newest: 250 } }]")).removed, 451);
  const left = await repositories.tags(app, { limit: 1_000, last: undefined });
  assert.deepEqual([...left].sort(), names.slice(-250).sort());
});

test("a tag that was pushed anew after the decision is decided on again", async (t) => {
  const room = await openRetention(t);
  for (const name of ["a", "b", "c"]) await room.push(name, 90);
  const { tagRoom } = room.metadata;
  let pushed = false;
  const meanwhile: TagRoom = {
    ...tagRoom,
    async remove(removal) {
      if (removal.tag === "b" && !pushed) {
        pushed = true;
        await room.push("b", 0, { text: "other" });
      }
      return tagRoom.remove(removal);
    },
  };
  const rules = "[{ repositories: team/*, keep: { newer_than: 30d } }]";
  const report = await room.retention(rules, { tagRoom: meanwhile }).run(going(), unseen);
  assert.deepEqual([report.removed, await room.tags()], [2, ["b"]]);
  let pushes = 0;
  const again: TagRoom = {
    ...tagRoom,
    async remove(removal) {
      await room.push("b", 90, { text: `another ${++pushes}` });
      return tagRoom.remove(removal);
    },
  };
  room.now += 90 * day;
  const next = await room.retention(rules, { tagRoom: again }).run(going(), unseen);
  assert.deepEqual([next.removed, await room.tags()], [0, ["b"]], "one that moves each time is left");
});

test("a tag that was pushed again as it was is as new as that push", async (t) => {
  const room = await openRetention(t);
  for (const name of ["a", "b"]) await room.push(name, 90);
  const { tagRoom } = room.metadata;
  const meanwhile: TagRoom = {
    ...tagRoom,
    async remove(removal) {
      if (removal.tag === "b") await room.push("b", 0);
      return tagRoom.remove(removal);
    },
  };
  const rules = "[{ repositories: team/*, keep: { newer_than: 30d } }]";
  const report = await room.retention(rules, { tagRoom: meanwhile }).run(going(), unseen);
  assert.deepEqual([report.removed, await room.tags()], [1, ["b"]]);
});

test("of two runs at once one goes on", async (t) => {
  const room = await openRetention(t);
  for (let i = 0; i < 50; i++) await room.push(`t${i}`, i);
  const run = () => room.retention(newest).run(going(), unseen, 0);
  const [one, other] = await Promise.allSettled([run(), run()]);
  const refused = one.status === "rejected" ? one : other;
  assert.equal(refused.status, "rejected");
  assert.match(String(refused.reason), /tags are being removed by a server or by another command just now/);
  assert.deepEqual(await room.tags(), ["t0", "t1"]);
});

test("a run that ends in between leaves whole removals, and the next one goes on", async (t) => {
  const room = await openRetention(t);
  const { tagRoom, housekeeping } = room.metadata;
  for (let i = 0; i < 40; i++) await room.push(`t${i}`, i);
  let removals = 0;
  const dying: TagRoom = {
    ...tagRoom,
    async remove(removal) {
      if (++removals > 10) throw new Error("killed");
      return tagRoom.remove(removal);
    },
  };
  const run = room.retention(newest, { tagRoom: dying }).run(going(), unseen);
  await assert.rejects(run, /killed/);
  assert.equal((await housekeeping.runs())[0]?.fault, "killed");
  const left = await room.tags();
  const gone = await tagRoom.removed(app, newestRemoved);
  assert.equal(left.length + gone.length, 40);
  assert.equal(new Set([...left, ...gone.map(({ name }) => name)]).size, 40);
  assert.equal((await room.run(newest)).removed, left.length - 2);
});

test("a run whose rules change meanwhile stops", async (t) => {
  const room = await openRetention(t);
  for (const name of ["one", "two"])
    for (let i = 0; i < 3; i++) await room.push(`t${i}`, i, { repository: `team/${name}` as RepositoryName });
  const rules = live(rulesOf(newest));
  const { metadata } = room;
  const retention = createRetention({
    ...{ metadata, rules, immutable: () => undefined, clock: () => room.now, by, share: 100 },
  });
  const report = await retention.run(going(), { removed: () => rules.swap(rulesOf("[]")) });
  assert.deepEqual([report.stopped, report.removed, report.repositories], [true, 1, 1]);
});

test("who isn't recorded by the audit log is named all the same", async (t) => {
  const room = await openRetention(t);
  for (let i = 0; i < 3; i++) await room.push(`t${i}`, i);
  await room.run(newest);
  const [event] = await room.metadata.outbox.latest(1);
  assert.deepEqual(
    [event?.action, event?.tag, event?.digest, event?.actor?.actor, event?.subject],
    ["delete", "t2", digest("t2"), "retention", "retention rule builds"],
  );
});
