import assert from "node:assert/strict";
import { test } from "node:test";
import { contentsOf } from "../auth/forge.ts";
import { expectStatus } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

async function house() {
  const guarded = await startGuarded(
    "  rules:\n    - {repositories: 'public/**', who: anonymous, allow: pull}",
  );
  return { guarded, alice: await guarded.addUser("alice") };
}

for (const [asked, granted] of [
  ["repository:alice/app:pull", "repository:alice/app:pull"],
  ["repository:a:b:pull", ""],
  ["repository:host:5000/alice/app:pull", ""],
  ["*", ""],
  ["*:*:*", ""],
  ["repository:*:*", ""],
  ["repository:**:pull", ""],
  ["repository:alice/*:pull", ""],
  ["repository:alice/app:*", "repository:alice/app:pull,push,delete,*"],
  ["repository:alice/app:", ""],
  ["repository:alice/app", ""],
  ["repository::pull", ""],
  ["::", ""],
  ["", ""],
  ["   ", ""],
  ["  repository:alice/app:pull   repository:bob/app:pull ", "repository:alice/app:pull"],
  ["repository:alice/app:pull,push repository:alice/app:delete", "repository:alice/app:pull,push,delete"],
  ["repository:alice/app:pull,,push,", "repository:alice/app:pull,push"],
  ["repository:alice/app:PULL", ""],
  ["repository:ALICE/app:pull", ""],
  ["repository:alice/../bob/app:pull", ""],
  ["repository(plugin):alice/app:pull", "repository:alice/app:pull"],
  ["registry:catalog:*", "registry:catalog:*"],
  ["registry:catalog:pull", ""],
  ["registry:other:*", ""],
  ["aws:alice/app:pull", ""],
  ["repository:alice/app:pull\nrepository:bob/app:pull", "repository:alice/app:pull"],
  ["repository:alice/app\u0000:pull", ""],
  ['repository:alice/app:pull" error="x', ""],
] as const)
  test(`scope ${JSON.stringify(asked)} grants ${JSON.stringify(granted)}`, async () => {
    const { guarded, alice } = await house();
    await using _guarded = guarded;
    const answer = await guarded.askToken(alice, [asked]);
    assert.equal(answer.scope, granted);
    const { access } = contentsOf(answer.token).claims as {
      access: { type: string; name: string; actions: string[] }[];
    };
    assert.equal(
      access.map(({ type, name, actions }) => `${type}:${name}:${actions.join()}`).join(" "),
      granted,
    );
  });

test("a partly allowed scope is granted partly, several scope parameters count together", async () => {
  const { guarded, alice } = await house();
  await using _guarded = guarded;
  const { scope } = await guarded.askToken(alice, [
    "repository:public/app:pull,push",
    "repository:alice/app:pull",
  ]);
  assert.equal(scope, "repository:public/app:pull repository:alice/app:pull");
  assert.equal(
    (await guarded.askToken(undefined, ["repository:public/app:*"])).scope,
    "repository:public/app:pull",
  );
});

test("1,000 scopes are refused in words, by GET and POST, and 1,000 equal ones too", async () => {
  const { guarded, alice } = await house();
  await using _guarded = guarded;
  for (const name of [(at: number) => `alice/r${at}`, () => "alice/app"]) {
    const scopes = Array.from({ length: 1_000 }, (_, at) => `repository:${name(at)}:pull`);
    const get = await guarded.as(alice).get(`/token?${scopes.map((scope) => `scope=${scope}`).join("&")}`);
    expectStatus(get, 400);
    const form = {
      grant_type: "password",
      username: "alice",
      password: alice.secret,
      scope: scopes.join(" "),
    };
    const post = await guarded.exchange(form);
    expectStatus(post, 400);
    assert.match(post.body.toString(), /"error":"invalid_scope"/);
  }
});
