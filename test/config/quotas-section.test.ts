import assert from "node:assert/strict";
import { test } from "node:test";
import { showConfig } from "#config/show-config.ts";
import { faultsOf, load } from "./load.ts";

const file = (...items: string[]) => `quotas:\n${items.map((item) => `  - { ${item} }\n`).join("")}`;
const faults = (...items: string[]) => faultsOf({ file: file(...items) }).join("\n");

test("without the section there are none", () => {
  assert.deepEqual(load().config.quotas, []);
});

test("a quota is about all repositories together unless it says otherwise", () => {
  const text = file("bytes: 10GiB", "name: ci, per: user, users: [robot:ci], tags: 5, bytes: 1MB");
  const { config, origins } = load({ file: text });
  assert.deepEqual(config.quotas, [
    { name: undefined, repositories: ["**"], per: "all", users: [], bytes: 10 * 2 ** 30, tags: undefined },
    { name: "ci", repositories: [], per: "user", users: ["robot:ci"], bytes: 1_000_000, tags: 5 },
  ]);
  const shown = showConfig(config, origins);
  assert.match(shown, /10GiB/);
  assert.deepEqual(load({ file: shown }).config.quotas, config.quotas);
});

test("each fault is named with its place", () => {
  assert.match(
    faults("bytes: 1", "per: repository"),
    /^quotas\[1\]\.bytes \(berth\.yaml line 3\): is missing/m,
  );
  assert.match(
    faults("per: user, repositories: a, bytes: 1"),
    /^quotas\[0\]\.repositories .*of no use with per: user/m,
  );
  assert.match(faults("users: [user:a], bytes: 1"), /^quotas\[0\]\.users .*of no use with per: all/m);
  assert.match(faults("per: user, users: anonymous, bytes: 1"), /quotas\[0\]\.users .*who has no account/);
  assert.match(
    faults("name: a, bytes: 1", "name: b, tags: 1", "name: a, tags: 1"),
    /quotas\[2\]\.name .*a is the name of quotas\[0\]/,
  );
  assert.match(faults("bytes: 10 cows"), /quotas\[0\]\.bytes .*not a size/);
  assert.match(faults("byte: 10"), /quotas\[0\]\.byte .*is not a key of Berth; did you mean "bytes"/);
  assert.match(faults("per: group, bytes: 1"), /quotas\[0\]\.per .*all, repository, user/);
  assert.match(faults("repositories: Team/*, bytes: 1"), /quotas\[0\]\.repositories.*pattern/);
});
