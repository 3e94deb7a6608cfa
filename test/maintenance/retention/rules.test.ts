import assert from "node:assert/strict";
import { test } from "node:test";
import { cachedName } from "#core/cached-name.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { digest } from "../../contract/metadata/content.ts";
import { app, day, openRetention } from "./room.ts";

const other = "other/app" as RepositoryName;

test("newest: so many that were set last, ties by name", async (t) => {
  const room = await openRetention(t);
  for (const [name, daysAgo] of [
    ["a", 1],
    ["b", 3],
    ["c", 2],
    ["e", 3],
    ["d", 3],
  ] as const)
    await room.push(name, daysAgo);
  assert.deepEqual(await room.removes("[{ repositories: team/*, keep: { newest: 3 } }]"), ["d", "e"]);
  assert.deepEqual(await room.removes("[{ repositories: team/*, keep: { newest: 5 } }]"), []);
});

test("newest counts in each repository, and only tags that the rule is about", async (t) => {
  const room = await openRetention(t);
  for (const repository of [app, other])
    for (const [name, daysAgo] of [
      ["x-1", 9],
      ["x-2", 8],
      ["y-1", 7],
      ["y-2", 6],
    ] as const)
      await room.push(name, daysAgo, { repository });
  const rules =
    '[{ repositories: "**", tags: x-*, keep: { newest: 1 } }, { repositories: team/*, keep: { newest: 1 } }]';
  const removed = (await room.decisions(rules)).filter(({ kept }) => !kept);
  assert.deepEqual(
    removed.map(({ repository, name, rule }) => `${repository}:${name} ${rule}`),
    [
      "other/app:x-1 retention.rules[0]",
      "team/app:x-1 retention.rules[0]",
      "team/app:y-1 retention.rules[1]",
    ],
  );
});

test("newer_than: what was set less than so long ago", async (t) => {
  const room = await openRetention(t);
  for (const [name, daysAgo] of [
    ["old", 31],
    ["edge", 30],
    ["new", 29],
  ] as const)
    await room.push(name, daysAgo);
  assert.deepEqual(await room.removes("[{ repositories: team/*, keep: { newer_than: 30d } }]"), [
    "edge",
    "old",
  ]);
});

test("pulled_within: a manifest that was pulled counts for all its tags", async (t) => {
  const room = await openRetention(t);
  await room.push("one", 90, { text: "m" });
  await room.push("two", 90, { text: "m" });
  await room.push("late", 90);
  await room.push("never", 90);
  const pulled = (text: string, daysAgo: number) => ({
    ...{ repository: app, digest: digest(text), at: room.now - daysAgo * day, count: 1 },
  });
  await room.metadata.hostedPulls.note([pulled("m", 13), pulled("late", 15)]);
  const decisions = await room.decisions("[{ repositories: team/*, keep: { pulled_within: 14d } }]");
  assert.deepEqual(
    decisions.map(({ name, kept, why }) => [name, kept, why]),
    [
      ["late", false, "not pulled within 14d"],
      ["never", false, "never pulled"],
      ["one", true, "pulled within 14d"],
      ["two", true, "pulled within 14d"],
    ],
  );
});

test("pulled_within keeps everything while pulls aren't known for so long", async (t) => {
  const room = await openRetention(t);
  await room.push("never", 90);
  room.now = Date.now() + 13 * day;
  const [decision] = await room.decisions("[{ repositories: team/*, keep: { pulled_within: 14d } }]");
  assert.equal(decision?.kept, true);
  assert.match(decision.why, /^pulls are known since \d{4}-\d\d-\d\d only$/);
});

test("tags: names", async (t) => {
  const room = await openRetention(t);
  for (const name of ["latest", "v1", "w1"]) await room.push(name, 90);
  assert.deepEqual(await room.removes("[{ repositories: team/*, keep: { tags: [latest, v*] } }]"), ["w1"]);
});

test("semver_per_minor: the highest versions of each minor one, by number and not by letter", async (t) => {
  const room = await openRetention(t);
  const versions = [
    "1.9.9",
    "1.9.10",
    "1.9.8",
    "1.10.0",
    "v1.10.1",
    "1.10.1",
    "1.10.2-rc.1",
    "2.0.0-rc.1",
    "2.0.0-rc.2",
  ];
  for (const name of [...versions, "latest", "1.9"]) await room.push(name, 90);
  assert.deepEqual(await room.removes("[{ repositories: team/*, keep: { semver_per_minor: 2 } }]"), [
    ...["1.10.0", "1.9", "1.9.8", "latest"],
  ]);
  assert.deepEqual(await room.removes("[{ repositories: team/*, keep: { semver_per_minor: 1 } }]"), [
    ...["1.10.0", "1.10.1", "1.9", "1.9.8", "1.9.9", "2.0.0-rc.1", "latest", "v1.10.1"],
  ]);
});

test("a tag stays when any keep holds; without a rule it stays; none removes all", async (t) => {
  const room = await openRetention(t);
  for (const [name, daysAgo] of [
    ["old", 90],
    ["new", 1],
    ["latest", 90],
  ] as const)
    await room.push(name, daysAgo);
  const rules = "[{ repositories: team/*, keep: { newer_than: 30d, tags: latest } }]";
  assert.deepEqual(await room.removes(rules), ["old"]);
  assert.deepEqual(await room.removes("[{ repositories: elsewhere/*, keep: none }]"), []);
  assert.deepEqual(await room.removes("[]"), []);
  assert.deepEqual(await room.removes("[{ repositories: team/*, except: latest, keep: none }]"), [
    "new",
    "old",
  ]);
});

test("the first rule that is about a tag decides, also when a later one would keep it", async (t) => {
  const room = await openRetention(t);
  for (const name of ["v1", "x"]) await room.push(name, 90);
  const rules =
    "[{ name: first, repositories: team/*, tags: v*, keep: none }, { repositories: team/*, keep: { tags: '*' } }]";
  assert.deepEqual(
    (await room.decisions(rules)).map(({ name, kept, rule }) => [name, kept, rule]),
    [
      ["v1", false, "first"],
      ["x", true, "retention.rules[1]"],
    ],
  );
});

test("what is cached of an upstream is left to the cache", async (t) => {
  const room = await openRetention(t);
  await room.push("x", 90, { repository: cachedName(app) });
  assert.deepEqual(await room.removes('[{ repositories: "**", keep: none }]'), []);
});
