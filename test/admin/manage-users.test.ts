import assert from "node:assert/strict";
import { test } from "node:test";
import { addUser, passwordOf } from "../auth/sign-in-desk.ts";
import { startApi } from "./api.ts";

const namesOf = (users: { name: string }[]) => users.map(({ name }) => name);

test("an admin adds, lists, changes and removes users", async () => {
  await using api = await startApi();
  await addUser(api.desk, "root", true);
  const user = { name: "alice", password: passwordOf("alice") };
  const added = await api.ask("root", "POST", "/api/v1/users", user);
  assert.equal(added.status, 201);
  const { created_at, ...rest } = added.json;
  assert.deepEqual(rest, { name: "alice", admin: false, enabled: true, groups: [], expires_at: null });
  assert.ok(Date.parse(created_at) > 0);
  assert.equal((await api.ask("root", "POST", "/api/v1/users", user)).status, 409);

  const changed = await api.ask("root", "PATCH", "/api/v1/users/alice", {
    admin: true,
    expires_at: "2100-01-01T00:00:00Z",
  });
  assert.deepEqual([changed.json.admin, changed.json.expires_at], [true, "2100-01-01T00:00:00.000Z"]);
  const never = await api.ask("root", "PATCH", "/api/v1/users/alice", { expires_at: null, admin: false });
  assert.equal(never.json.expires_at, null);
  const list = await api.ask("root", "GET", "/api/v1/users?n=1");
  assert.deepEqual(namesOf(list.json.users), ["alice"]);
  const next = await api.ask("root", "GET", "/api/v1/users?n=1&last=alice");
  assert.deepEqual(namesOf(next.json.users), ["root"]);

  const passwd = await api.ask("root", "POST", "/api/v1/users/alice/password", {
    password: "another password",
  });
  assert.equal(passwd.status, 204);
  assert.equal((await api.ask("alice:another password", "GET", "/api/v1/users/alice")).status, 200);
  assert.equal((await api.ask("root", "DELETE", "/api/v1/users/alice")).status, 204);
  assert.equal((await api.ask("root", "DELETE", "/api/v1/users/alice")).status, 404);
  assert.equal((await api.ask("root", "GET", "/api/v1/users/alice")).status, 404);
});

test("no answer holds a password or a hash", async () => {
  await using api = await startApi();
  await addUser(api.desk, "root", true);
  const texts: string[] = [];
  const password = passwordOf("alice");
  texts.push((await api.ask("root", "POST", "/api/v1/users", { name: "alice", password })).text);
  for (const path of ["/api/v1/users", "/api/v1/users/alice", "/api/v1/users/alice/tokens"])
    texts.push((await api.ask("root", "GET", path)).text);
  texts.push((await api.ask("root", "POST", "/api/v1/users", { name: "alice", password })).text);
  texts.push((await api.ask("root", "POST", "/api/v1/users", { name: "x", password: "short" })).text);
  for (const text of texts) assert.doesNotMatch(text, /argon2|hash|password of|"short"/i);
});

test("users see themselves and change their own password, with the old one", async () => {
  await using api = await startApi();
  await addUser(api.desk, "root", true);
  await addUser(api.desk, "alice");
  const path = "/api/v1/users/alice/password";
  assert.equal((await api.ask("alice", "GET", "/api/v1/users/alice")).status, 200);
  assert.equal((await api.ask("alice", "POST", path, { password: "another password" })).status, 400);
  const wrong = { password: "another password", current: "not the current one" };
  assert.equal((await api.ask("alice", "POST", path, wrong)).status, 403);
  const right = { password: "another password", current: passwordOf("alice") };
  assert.equal((await api.ask("alice", "POST", path, right)).status, 204);
  assert.equal((await api.ask("alice", "GET", "/api/v1/users/alice")).status, 401);
  assert.equal((await api.ask("alice:another password", "GET", "/api/v1/users/alice")).status, 200);
});

test("who is no admin may do nothing about others, and can't tell who is there", async () => {
  await using api = await startApi();
  await addUser(api.desk, "root", true);
  await addUser(api.desk, "alice");
  const denied: [string, string, unknown?][] = [
    ["GET", "/api/v1/users"],
    ["POST", "/api/v1/users", { name: "eve", password: "long enough" }],
    ["GET", "/api/v1/users/root"],
    ["GET", "/api/v1/users/nobody"],
    ["PATCH", "/api/v1/users/alice", { admin: true }],
    ["PATCH", "/api/v1/users/alice", { expires_at: null, end_tokens: true }],
    ["DELETE", "/api/v1/users/alice"],
    ["POST", "/api/v1/users/root/password", { password: "long enough", current: passwordOf("root") }],
    ["POST", "/api/v1/users/nobody/password", { password: "long enough" }],
    ["GET", "/api/v1/users/root/tokens"],
    ["POST", "/api/v1/users/nobody/tokens", { label: "x" }],
    ["GET", "/api/v1/robots"],
    ["POST", "/api/v1/robots", { name: "r" }],
    ["POST", "/api/v1/robots/r/secret", {}],
    ["GET", "/api/v1/groups"],
    ["POST", "/api/v1/groups", { name: "g" }],
    ["PUT", "/api/v1/groups/g/members/alice"],
    ["DELETE", "/api/v1/tokens/1"],
  ];
  const messages = new Set<string>();
  for (const [method, path, body] of denied) {
    const { status, json } = await api.ask("alice", method, path, body);
    assert.equal(status, 403, `${method} ${path}`);
    assert.equal(json.errors[0].code, "DENIED");
    messages.add(json.errors[0].message);
    assert.equal((await api.ask(undefined, method, path, body)).status, 401, `${method} ${path}`);
  }
  assert.equal(messages.size, 1);
  assert.equal((await api.ask("alice", "PATCH", "/api/v1/users/alice", { end_tokens: true })).status, 200);
});

test("the last admin stays an admin", async () => {
  await using api = await startApi();
  await addUser(api.desk, "root", true);
  for (const [method, path, body] of [
    ["DELETE", "/api/v1/users/root", undefined],
    ["PATCH", "/api/v1/users/root", { admin: false }],
    ["PATCH", "/api/v1/users/root", { enabled: false }],
    ["PATCH", "/api/v1/users/root", { expires_at: "2100-01-01" }],
  ] as const) {
    const { status, json } = await api.ask("root", method, path, body);
    assert.equal(status, 400);
    assert.match(json.errors[0].message, /root is the last admin/);
  }
});
