import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { berth } from "./captured.ts";

const rules = `
auth: { mode: token }
policy:
  rules:
    - { name: world reads, repositories: "public/**", who: anonymous, allow: pull }
    - { repositories: "team/**", who: "group:dev", allow: [pull, push] }
  immutable_tags:
    - { repositories: "team/**", tags: "v*", except: "*-rc*" }
`;

async function folder() {
  const place = tempFolder();
  const config = place.file("berth.yaml");
  await writeFile(config, rules);
  await writeFile(place.file("password"), "correct horse");
  const flags = ["--config", config, "--data", place.file("data")];
  return {
    berth: (...argv: string[]) => berth([...argv, ...flags]),
    password: place.file("password"),
    [Symbol.dispose]: () => place[Symbol.dispose](),
  };
}

test("berth policy test says allow or deny, by which rule, with an exit code of its own", async () => {
  using place = await folder();
  const ask = (...argv: string[]) => place.berth("policy", "test", ...argv);
  assert.deepEqual(await ask("anonymous", "public/app", "pull"), {
    code: 0,
    stdout: "allow: anonymous pull public/app (world reads)\n",
    stderr: "",
  });
  assert.deepEqual(await ask("anonymous", "team/app", "pull"), {
    code: 3,
    stdout: "deny: anonymous pull team/app (no rule allows it)\n",
    stderr: "",
  });
  assert.match((await ask("group:dev", "team/app", "push")).stdout, /^allow: .*\(policy\.rules\[1\]\)/);
  assert.equal((await ask("group:dev", "team/app", "overwrite")).code, 3);
});

test("berth policy test looks accounts up, with their groups, and knows their namespace", async () => {
  using place = await folder();
  const ask = (...argv: string[]) => place.berth("policy", "test", ...argv);
  assert.match((await ask("alice", "alice/app", "pull")).stdout, /there is no account alice/);
  assert.equal((await place.berth("user", "add", "alice", "--password-file", place.password)).code, 0);
  assert.equal((await ask("alice", "team/app", "push")).code, 3);
  await place.berth("group", "add", "dev");
  await place.berth("group", "join", "dev", "alice");
  assert.equal((await ask("alice", "team/app", "push")).code, 0);
  assert.match((await ask("alice", "alice/app", "delete")).stdout, /\(namespace of alice\)/);
  await place.berth("user", "disable", "alice");
  assert.match((await ask("alice", "alice/app", "delete")).stdout, /^deny: .*disabled or expired/);
});

test("berth policy test names the pattern that makes a tag immutable", async () => {
  using place = await folder();
  const ask = async (tag: string, action: string) => {
    const { stdout } = await place.berth(
      "policy",
      "test",
      "group:dev",
      "team/app",
      action,
      "--tag",
      tag,
      "--json",
    );
    return JSON.parse(stdout) as { allowed: boolean; rule: string; immutable?: string };
  };
  assert.equal((await ask("v1", "overwrite")).rule, "policy.immutable_tags[0]");
  assert.equal((await ask("v1", "push")).allowed, true);
  assert.equal((await ask("v1-rc1", "push")).immutable, undefined);
});

test("berth policy test refuses what is no repository, action or tag with exit code 2", async () => {
  using place = await folder();
  for (const argv of [
    ["alice", "Team", "pull"],
    ["alice", "team", "read"],
    ["alice", "team"],
    ["a", "b", "pull", "--tag", "-x"],
  ])
    assert.equal((await place.berth("policy", "test", ...argv)).code, 2, argv.join(" "));
});
