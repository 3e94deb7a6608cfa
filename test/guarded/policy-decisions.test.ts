import assert from "node:assert/strict";
import { test } from "node:test";
import { expectStatus, oci } from "../harness/registry-client.ts";
import type { Person } from "../harness/accounts.ts";
import { startGuarded, type Guarded } from "./guarded.ts";

const policy = `  rules:
    - {repositories: 'team/**', who: 'group:team', allow: [pull, push]}
    - {repositories: 'shared/*', who: signed-in, allow: pull}
    - {repositories: 'shared/bob', who: 'user:bob', allow: '*'}
    - {repositories: 'bots/**', who: 'robot:ci', allow: [pull, push]}
    - {repositories: 'public/**', who: anonymous, allow: pull}`;

/** What of pull, push, delete somebody may, by asking over HTTP; both by Basic and by a token for all of it. */
async function may(house: Guarded, who: Person | undefined, repository: string): Promise<string> {
  const { token } = await house.askToken(who, [`repository:${repository}:*`]);
  const found = [house.as(who), house.bearer(token)].map(async (client) => {
    const words = {
      pull: await client.get(`/v2/${repository}/tags/list`),
      push: await client.request("POST", `/v2/${repository}/blobs/uploads/`),
      delete: await client.remove(`/v2/${repository}/manifests/none`),
    };
    for (const answer of Object.values(words)) expectStatus(answer, 200, 202, 404, 401, 403);
    return Object.entries(words)
      .filter(([, { status }]) => status !== 401 && status !== 403)
      .map(([word]) => word)
      .join();
  });
  const [basic = "", bearer] = await Promise.all(found);
  assert.equal(bearer, basic, `token and Basic of ${who?.name} on ${repository}`);
  return basic;
}

test("namespaces belong to their user, and to nobody whose name is alike", async () => {
  await using house = await startGuarded(policy);
  const [alice, alicia] = [await house.addUser("alice"), await house.addUser("alice-2")];
  assert.equal(await may(house, alice, "alice/app"), "pull,push,delete");
  assert.equal(await may(house, alice, "alice/deep/er"), "pull,push,delete");
  for (const repository of ["alice", "alice-2/app", "x/alice/app", "alicexapp/a"])
    assert.equal(await may(house, alice, repository), "", repository);
  assert.equal(await may(house, alicia, "alice/app"), "");
  assert.equal(await may(house, undefined, "alice/app"), "");
});

test("with namespaces: none a user's name gives nothing", async () => {
  await using house = await startGuarded("  namespaces: none\n  rules: []");
  assert.equal(await may(house, await house.addUser("alice"), "alice/app"), "");
});

test("rules follow groups, users, anyone signed in, anonymous", async () => {
  await using house = await startGuarded(policy);
  const [alice, bob, robot] = [
    await house.addUser("alice"),
    await house.addUser("bob"),
    await house.addRobot("ci"),
  ];
  await house.addGroup("team", alice);
  assert.equal(await may(house, alice, "team/app"), "pull,push");
  assert.equal(await may(house, alice, "team/a/b"), "pull,push");
  assert.equal(await may(house, bob, "team/app"), "");
  await house.manage("PUT", "/groups/team/members/bob");
  assert.equal(await may(house, bob, "team/app"), "pull,push");
  assert.equal(await may(house, bob, "shared/bob"), "pull,push,delete");
  assert.equal(await may(house, alice, "shared/bob"), "pull");
  assert.equal(await may(house, alice, "shared/a/b"), "");
  assert.equal(await may(house, robot, "shared/x"), "pull");
  assert.equal(await may(house, undefined, "shared/x"), "");
  for (const who of [alice, robot, undefined]) assert.equal(await may(house, who, "public/x"), "pull");
});

test("a rule for user:NAME doesn't mean a robot or group of that name, and the other way round", async () => {
  await using house = await startGuarded(policy);
  const robot = await house.addRobot("bob");
  const user = await house.addUser("ci");
  await house.addGroup("bob", user);
  assert.equal(await may(house, robot, "shared/bob"), "pull");
  assert.equal(await may(house, user, "bots/app"), "");
  assert.equal(await may(house, user, "shared/bob"), "pull");
  assert.equal(await may(house, robot, "bob/app"), "", "a robot has no namespace");
});

test("robots have rights of their own, beside the rules", async () => {
  await using house = await startGuarded(policy);
  const robot = await house.addRobot("ci", [
    { repositories: "own/*", actions: ["pull", "delete"] },
    { repositories: "alice/app", actions: ["push"] },
  ]);
  assert.equal(await may(house, robot, "own/a"), "pull,delete");
  assert.equal(await may(house, robot, "own/a/b"), "");
  assert.equal(await may(house, robot, "alice/app"), "push");
  assert.equal(await may(house, robot, "bots/x"), "pull,push");
});

test("a personal token is bounded by its limits and by what its user may", async () => {
  await using house = await startGuarded(policy);
  const alice = await house.addUser("alice");
  const limited = await house.addPersonal(alice, [
    { repositories: "alice/*", actions: ["pull"] },
    { repositories: "bob/**", actions: ["pull", "push"] },
  ]);
  assert.equal(await may(house, limited, "alice/app"), "pull");
  assert.equal(await may(house, limited, "alice/a/b"), "");
  assert.equal(await may(house, limited, "bob/app"), "");
  assert.equal(await may(house, limited, "public/app"), "");
  assert.equal(await may(house, await house.addPersonal(alice), "alice/app"), "pull,push,delete");
});

test("a personal token of an admin is bounded by its limits, everywhere", async () => {
  await using house = await startGuarded(policy);
  const admin = await house.addUser("root-user", { admin: true });
  assert.equal(await may(house, admin, "any/where"), "pull,push,delete");
  const limited = await house.addPersonal(admin, [{ repositories: "one/app", actions: ["pull"] }]);
  assert.equal(await may(house, limited, "one/app"), "pull");
  assert.equal(await may(house, limited, "any/where"), "");
});

test("Basic straight on /v2/ does what a token does: push, pull and delete without /token", async () => {
  await using house = await startGuarded(policy);
  const alice = await house.addUser("alice");
  for (const who of [alice, await house.addPersonal(alice)]) {
    const client = house.as(who);
    const image = oci.image();
    expectStatus(await client.get("/v2/"), 200);
    await client.push("alice/app", image, "v1");
    expectStatus(await client.get("/v2/alice/app/manifests/v1"), 200);
    expectStatus(await client.remove(`/v2/alice/app/manifests/${image.digest}`), 202);
  }
});

test("an anonymous token opens /v2/ and what anonymous may read, for clients that always ask for one", async () => {
  await using house = await startGuarded(policy);
  const admin = await house.addUser("root-user", { admin: true });
  await house.as(admin).push("public/app", oci.image(), "v1");
  expectStatus(await house.as(undefined).get("/v2/"), 401);
  expectStatus(await house.as(undefined).get("/v2/public/app/manifests/v1"), 200);
  const { token, scope, expires_in, refresh_token } = await house.askToken(
    undefined,
    ["repository:public/app:pull,push", "repository:alice/app:pull"],
    "offline_token=true",
  );
  assert.deepEqual([scope, expires_in, refresh_token], ["repository:public/app:pull", 300, undefined]);
  expectStatus(await house.bearer(token).get("/v2/"), 200);
  expectStatus(await house.bearer(token).get("/v2/public/app/manifests/v1"), 200);
  expectStatus(await house.bearer(token).request("POST", "/v2/public/app/blobs/uploads/"), 401);
});
