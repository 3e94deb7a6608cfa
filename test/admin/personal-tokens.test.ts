import assert from "node:assert/strict";
import { test } from "node:test";
import { addUser, signIn } from "../auth/sign-in-desk.ts";
import { startApi } from "./api.ts";

test("users make, see and remove tokens of their own", async () => {
  await using api = await startApi();
  await addUser(api.desk, "alice");
  await addUser(api.desk, "bob");
  const limits = [{ repositories: "alice/*", actions: ["pull"] }];
  const made = await api.ask("alice", "POST", "/api/v1/users/alice/tokens", { label: "laptop", limits });
  assert.equal(made.status, 201);
  const { secret, id, label } = made.json;
  assert.match(secret, /^bpt_[\w-]{43}$/);
  assert.deepEqual([label, made.json.kind, made.json.limits], ["laptop", "personal", limits]);
  assert.equal((await signIn(api.desk, "alice", secret)).name, "alice");
  assert.equal((await signIn(api.desk, "bob", secret)).code, "unauthenticated", "it is alice's");
  const list = await api.ask("alice", "GET", "/api/v1/users/alice/tokens");
  assert.deepEqual(
    (list.json.tokens as { id: number }[]).map((token) => token.id),
    [id],
  );
  assert.doesNotMatch(list.text, /bpt_|hash/);
  assert.equal((await api.ask("bob", "DELETE", `/api/v1/tokens/${id}`)).status, 403);
  assert.equal((await api.ask("alice", "DELETE", `/api/v1/tokens/${id}`)).status, 204);
  assert.equal((await signIn(api.desk, "alice", secret)).code, "unauthenticated");
});

test("a token that was made for less can't make more, nor change the account", async () => {
  await using api = await startApi();
  await addUser(api.desk, "root", true);
  const limits = [{ repositories: "**", actions: ["pull"] }];
  const narrow = await api.ask("root", "POST", "/api/v1/users/root/tokens", { label: "ci", limits });
  const who = `root:${narrow.json.secret}`;
  for (const [method, path, body] of [
    ["POST", "/api/v1/users/root/tokens", { label: "more" }],
    ["GET", "/api/v1/users", undefined],
    ["POST", "/api/v1/users", { name: "eve", password: "long enough", admin: true }],
    ["PATCH", "/api/v1/users/root", { end_tokens: true }],
    ["DELETE", `/api/v1/tokens/${narrow.json.id}`, undefined],
  ] as const)
    assert.equal((await api.ask(who, method, path, body)).status, 403, path);
});

test("an unknown token, and one that is no number, are unknown", async () => {
  await using api = await startApi();
  await addUser(api.desk, "root", true);
  for (const id of ["99", "x", "-1", "1e3", "9".repeat(30), "%00"])
    assert.equal((await api.ask("root", "DELETE", `/api/v1/tokens/${id}`)).status, 404, id);
});
