import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { openMetadata } from "#app/open/open-metadata.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { manifest } from "../contract/metadata/content.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { berth } from "./captured.ts";

const day = 86_400_000;
const rules = `
gc: { untagged: 30d }
policy: { immutable_tags: [{ repositories: "team/*", tags: "v*" }] }
retention:
  rules:
    - { name: builds, repositories: "team/*", keep: { newest: 1, newer_than: 30d } }
    - { repositories: "scratch", keep: none }
`;

/** A data folder with some tags, and `berth` on it by these rules. */
async function place(text = rules) {
  const folder = tempFolder();
  const data = folder.file("data");
  const config = folder.file("berth.yaml");
  mkdirSync(data);
  writeFileSync(config, text);
  await using metadata = await openMetadata(defaultConfig(data));
  const push = (repository: string, name: string, daysAgo: number) =>
    metadata.repositories.putManifest(
      manifest(repository as RepositoryName, name, {
        tags: [{ name: name as Tag, was: "any" }],
        now: Date.now() - daysAgo * day,
      }),
    );
  await push("team/app", "b1", 90);
  await push("team/app", "b2", 80);
  await push("team/app", "b3", 10);
  await push("team/app", "v1", 99);
  await push("scratch", "x", 1);
  await push("other", "x", 99);
  return {
    run: (...args: string[]) => berth([...args, "--config", config, "--data", data]),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test("preview says of every tag whether it stays, by which rule and why, and changes nothing", async () => {
  using here = await place();
  const expected = `scratch
  TAG  BECOMES  RULE                WHY
  x    removed  retention.rules[1]  the rule keeps none

team/app
  TAG  BECOMES  RULE    WHY
  b1   removed  builds  not the newest, older than 30d
  b2   removed  builds  not the newest, older than 30d
  b3   kept     builds  the newest
  v1   kept     builds  immutable (policy.immutable_tags[0])
2 repositories, 5 tags: 2 kept, 3 would be removed
`;
  for (let i = 0; i < 2; i++) {
    const { code, stdout, stderr } = await here.run("retention", "preview");
    assert.deepEqual([code, stdout, stderr], [0, expected, ""]);
  }
  const { stdout } = await here.run("retention", "preview", "--removed", "team/app", "other");
  assert.equal(
    stdout,
    `team/app
  TAG  BECOMES  RULE    WHY
  b1   removed  builds  not the newest, older than 30d
  b2   removed  builds  not the newest, older than 30d
2 repositories, 5 tags: 3 kept, 2 would be removed
`,
  );
});

test("preview as JSON is one object, also without tags", async () => {
  using here = await place();
  const { stdout } = await here.run("retention", "preview", "other", "scratch", "--json");
  const { tags, sums } = JSON.parse(stdout) as { tags: Record<string, unknown>[]; sums: unknown };
  assert.deepEqual(sums, { repositories: 2, tags: 2, kept: 1, removed: 1 });
  assert.deepEqual(
    tags.map(({ repository, tag, kept, rule, why }) => [repository, tag, kept, rule, why]),
    [
      ["other", "x", true, null, "no rule is about it"],
      ["scratch", "x", false, "retention.rules[1]", "the rule keeps none"],
    ],
  );
  using without = await place("");
  const empty = await without.run("retention", "preview", "--json");
  assert.deepEqual(JSON.parse(empty.stdout), {
    tags: [],
    sums: { repositories: 0, tags: 0, kept: 0, removed: 0 },
  });
  const { stderr, code } = await without.run("retention", "preview");
  assert.deepEqual(
    [code, stderr],
    [0, "there are no rules (retention.rules of the configuration): nothing is removed\n"],
  );
});

test("run removes what preview said, and berth tag brings it back", async () => {
  using here = await place();
  const run = await here.run("retention", "run");
  assert.deepEqual([run.code, run.stderr], [0, ""]);
  assert.equal(
    run.stdout,
    "scratch: 1 of 1 tag removed (retention.rules[1] 1)\n" +
      "team/app: 2 of 4 tags removed (builds 2)\n" +
      "2 repositories, 5 tags: 2 kept, 3 removed\n" +
      "they can come back for 7d: berth tag removed, berth tag restore\n",
  );
  const again = await here.run("retention", "run", "--json");
  assert.deepEqual(JSON.parse(again.stdout), {
    ...{ repositories: 2, tags: 2, kept: 2, removed: 0, stopped: false, forgotten: 0, by_repository: [] },
  });
  const removed = await here.run("tag", "removed", "team/app");
  assert.match(removed.stdout, /^ID +TAG +REMOVED +BY +BACK UNTIL\n/);
  assert.match(removed.stdout, /\n\d +team\/app:b1 +\S+ \S+ +rule builds +/);
  const back = await here.run("tag", "restore", "team/app:b1");
  assert.match(back.stdout, /^team\/app:b1 is back, and names sha256:[0-9a-f]{64}\n$/);
  assert.match(
    back.stderr,
    /^berth: retention rule builds removed it, and will again .*: berth tag pin team\/app:b1\n$/,
  );
  assert.equal(
    (await here.run("tag", "pin", "team/app:b1")).stdout,
    "team/app:b1 is pinned: retention leaves it\n",
  );
  assert.match((await here.run("retention", "preview", "team/app")).stdout, /\n +b1 +kept +builds +pinned\n/);
  await here.run("tag", "unpin", "team/app:b1");
  assert.match((await here.run("retention", "preview")).stdout, /\n +b1 +removed +builds +not the newest/);
});

test("where manifests without tags are kept, who removes tags is told that it frees nothing", async () => {
  using here = await place("retention: { rules: [{ repositories: scratch, keep: none }] }");
  for (const verb of ["preview", "run"])
    assert.match(
      (await here.run("retention", verb)).stderr,
      /^berth: gc\.untagged keeps manifests without tags/,
    );
});

test("what isn't there or isn't understood is said", async () => {
  using here = await place();
  const { code, stderr } = await here.run("retention", "preview", "nowhere");
  assert.deepEqual([code, stderr], [1, "berth: there is no repository nowhere\n"]);
  assert.equal((await here.run("retention", "preview", "Not/A/Name")).code, 2);
  assert.match((await here.run("retention")).stderr, /there are retention preview, retention run/);
  using faulty = await place("retention: { rules: [{ repositories: a }] }");
  const check = await faulty.run("check-config", "--offline");
  assert.equal(check.code, 1);
  assert.match(check.stderr, /retention\.rules\[0\]\.keep .*keeps nothing/);
});
