import assert from "node:assert/strict";
import { test } from "node:test";
import { addUser, signIn } from "../auth/sign-in-desk.ts";
import { startApi } from "./api.ts";

const year = 365 * 86_400_000;

test("a robot's secret is shown once, works, and can be made anew", async () => {
  await using api = await startApi();
  await addUser(api.desk, "root", true);
  const rights = [{ repositories: "team/**", actions: ["pull", "push"] }];
  const added = await api.ask("root", "POST", "/api/v1/robots", { name: "ci", rights });
  assert.equal(added.status, 201);
  assert.match(added.json.secret, /^brs_[\w-]{43}$/);
  assert.deepEqual(added.json.rights, rights);
  assert.equal(Date.parse(added.json.expires_at), api.desk.time.now + year);
  assert.equal((await signIn(api.desk, "ci", added.json.secret)).name, "ci");
  for (const path of ["/api/v1/robots", "/api/v1/robots/ci"])
    assert.doesNotMatch((await api.ask("root", "GET", path)).text, /brs_|hash/);
  const next = await api.ask("root", "POST", "/api/v1/robots/ci/secret", {});
  assert.equal(next.status, 201);
  assert.equal((await signIn(api.desk, "ci", added.json.secret)).code, "unauthenticated");
  assert.equal((await signIn(api.desk, "ci", next.json.secret)).name, "ci");
  const change = { rights: [], expires_at: "never" };
  const changed = await api.ask("root", "PATCH", "/api/v1/robots/ci", change);
  assert.deepEqual([changed.json.rights, changed.json.expires_at], [[], null]);
  assert.equal((await api.ask("root", "DELETE", "/api/v1/robots/ci")).status, 204);
  assert.equal((await signIn(api.desk, "ci", next.json.secret)).code, "unauthenticated");
});

test("robots are no users and users no robots", async () => {
  await using api = await startApi();
  await addUser(api.desk, "root", true);
  const { json } = await api.ask("root", "POST", "/api/v1/robots", { name: "ci" });
  assert.equal((await api.ask("root", "GET", "/api/v1/users/ci")).status, 404);
  assert.equal((await api.ask("root", "PATCH", "/api/v1/users/ci", { admin: true })).status, 404);
  assert.equal(
    (await api.ask("root", "POST", "/api/v1/users/ci/password", { password: "long enough" })).status,
    404,
  );
  assert.equal((await api.ask("root", "GET", "/api/v1/robots/root")).status, 404);
  assert.equal(
    (await api.ask("root", "POST", "/api/v1/users", { name: "ci", password: "long enough" })).status,
    409,
  );
  assert.equal(
    (await api.ask(`ci:${json.secret}`, "GET", "/api/v1/users")).status,
    403,
    "a robot manages nothing",
  );
  assert.equal((await api.ask(`ci:${json.secret}`, "GET", "/api/v1/users/ci/tokens")).status, 403);
});

test("groups come and go, with users and robots in them", async () => {
  await using api = await startApi();
  await addUser(api.desk, "root", true);
  await api.ask("root", "POST", "/api/v1/robots", { name: "ci" });
  assert.equal((await api.ask("root", "POST", "/api/v1/groups", { name: "dev" })).status, 201);
  assert.equal((await api.ask("root", "POST", "/api/v1/groups", { name: "dev" })).status, 409);
  for (const name of ["root", "ci"])
    assert.equal((await api.ask("root", "PUT", `/api/v1/groups/dev/members/${name}`)).status, 204);
  assert.equal((await api.ask("root", "PUT", "/api/v1/groups/dev/members/nobody")).status, 404);
  assert.equal((await api.ask("root", "PUT", "/api/v1/groups/qa/members/ci")).status, 404);
  assert.deepEqual((await api.ask("root", "GET", "/api/v1/groups/dev")).json.members, ["ci", "root"]);
  assert.deepEqual((await api.ask("root", "GET", "/api/v1/robots/ci")).json.groups, ["dev"]);
  assert.equal((await api.ask("root", "DELETE", "/api/v1/groups/dev/members/ci")).status, 204);
  assert.equal((await api.ask("root", "DELETE", "/api/v1/groups/dev/members/ci")).status, 404);
  assert.deepEqual((await api.ask("root", "GET", "/api/v1/groups")).json.groups[0].members, ["root"]);
  assert.equal((await api.ask("root", "DELETE", "/api/v1/groups/dev")).status, 204);
  assert.deepEqual((await api.ask("root", "GET", "/api/v1/groups")).json, { groups: [] });
});
