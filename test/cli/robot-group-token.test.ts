import assert from "node:assert/strict";
import { test } from "node:test";
import { openPlace } from "./account-place.ts";

test("a robot's secret is alone on stdout; what it is, on stderr", async () => {
  using place = openPlace();
  const added = await place.run([
    "robot",
    "add",
    "ci",
    "--allow",
    "team/**:pull,push",
    "--allow",
    "base:*",
    "--expires",
    "never",
  ]);
  assert.match(added.stdout, /^brs_[\w-]{43}\n$/);
  assert.match(added.stderr, /^robot ci added, until never\. Its secret, which can't be shown again:\n$/);
  assert.match(await place.ok(["robot", "list"]), /^ci +yes +- +never +team\/\*\*:pull,push base:\*$/m);
  const { secret } = JSON.parse(await place.ok(["robot", "secret", "ci", "--json"]));
  assert.notEqual(`${secret}\n`, added.stdout);
  await place.ok(["robot", "change", "ci", "--allow", "other:pull"]);
  const { robots } = JSON.parse(await place.ok(["robot", "list", "--json"]));
  assert.deepEqual(robots[0].rights, [{ repositories: "other", actions: ["pull"] }]);
  await place.ok(["robot", "disable", "ci"]);
  await place.ok(["robot", "enable", "ci"]);
  await place.ok(["robot", "remove", "ci"]);
  assert.match((await place.run(["robot", "list"])).stderr, /^no robots yet/);
});

test("rights that say nothing are not understood", async () => {
  using place = openPlace();
  for (const allow of ["team/**", "team:", ":pull", "team:fly", "team:pull,,push", ""]) {
    const { code, stderr } = await place.run(["robot", "add", "ci", `--allow=${allow}`]);
    assert.equal(code, 2, allow);
    assert.match(stderr, /is not PATTERN:ACTIONS/);
  }
  assert.equal((await place.run(["robot", "change", "ci"])).code, 2);
  assert.equal((await place.run(["robot", "change", "ci", "--allow", "a:pull"])).code, 1);
});

test("groups, and who is in them", async () => {
  using place = openPlace();
  await place.ok(["user", "add", "alice", "--password-file", "-"], "a long password");
  await place.ok(["group", "add", "dev"]);
  assert.equal(await place.ok(["group", "join", "dev", "alice"]), "alice is in dev now\n");
  assert.match(await place.ok(["group", "list"]), /^dev +\S+ \S+ +alice$/m);
  assert.match(await place.ok(["user", "list"]), /^alice +- +yes +dev /m);
  assert.equal((await place.run(["group", "join", "qa", "alice"])).code, 1);
  assert.equal((await place.run(["group", "join", "dev"])).code, 2);
  await place.ok(["group", "leave", "dev", "alice"]);
  await place.ok(["group", "remove", "dev"]);
  assert.deepEqual(JSON.parse(await place.ok(["group", "list", "--json"])), { groups: [] });
});

test("tokens of a user", async () => {
  using place = openPlace();
  await place.ok(["user", "add", "alice", "--password-file", "-"], "a long password");
  const text = await place.ok(["token", "add", "alice", "--label", "laptop", "--allow", "alice/*:pull"]);
  assert.match(text, /^bpt_[\w-]{43}\n$/);
  const added = JSON.parse(await place.ok(["token", "add", "alice", "--label", "phone", "--json"]));
  assert.equal(added.limits, null);
  const list = await place.ok(["token", "list", "alice"]);
  assert.match(list, /^\d+ +personal +phone +.* all of alice$/m);
  assert.match(list, /^\d+ +personal +laptop +.* alice\/\*:pull$/m);
  assert.doesNotMatch(list, /bpt_/);
  await place.ok(["token", "remove", String(added.id)]);
  assert.match((await place.run(["token", "remove", String(added.id)])).stderr, /there is no token/);
  assert.equal((await place.run(["token", "remove", "x"])).code, 2);
  assert.equal((await place.run(["token", "add", "alice"])).code, 2);
  assert.match((await place.run(["token", "list", "bob"])).stderr, /there is no user bob/);
});
