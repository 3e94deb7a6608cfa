import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import type { AuditRecord } from "#core/metadata/audit-log.ts";
import { expectStatus, freshBytes, oci } from "../harness/registry-client.ts";
import { startGuarded, type Guarded } from "./guarded.ts";

const policy = `  rules:
    - {name: makers, repositories: 'team/**', who: 'group:team', allow: [pull, push]}
    - {name: movers, repositories: 'team/**', who: 'group:team', allow: overwrite}
    - {name: cleaners, repositories: 'team/**', who: 'group:team', allow: delete}
    - {name: free for all, repositories: 'public/**', who: anonymous, allow: [pull, push]}`;

const migrationsDir = new URL("../../migrations/sqlite/", import.meta.url);

/** Rows of the audit table so far, once one of them is the last that is waited for. */
async function rows(house: Guarded, last: (row: AuditRecord) => boolean): Promise<AuditRecord[]> {
  await using metadata = await openSqliteMetadata({ path: `${house.data}/berth.db`, migrationsDir });
  const end = Date.now() + 10_000;
  for (;;) {
    const found = await metadata.audit.list({}, 0, 1_000);
    if (found.some(last) || Date.now() > end) return found;
    await sleep(50);
  }
}

const line = ({ action, actor, kind, repository = "", tag = "", rule }: AuditRecord) =>
  [action, `${kind}:${actor}`, tag === "" ? repository : `${repository}:${tag}`, rule].join(" | ");

test("each change has its row: who, from where, what, and the rule that allowed just that", async () => {
  await using house = await startGuarded(policy);
  const alice = await house.addUser("alice");
  await house.addGroup("team", alice);
  const client = house.bearer(
    await house.token(alice, "repository:team/app:*", "repository:team/other:pull,push"),
  );
  const blob = await client.pushBlob(freshBytes(), { repo: "team/other" });
  expectStatus(
    await client.request("POST", `/v2/team/app/blobs/uploads/?mount=${blob}&from=team/other`),
    201,
  );
  const [first, second] = [oci.image(), oci.image()];
  await client.push("team/app", first, "v1");
  await client.push("team/app", second);
  const { bytes, mediaType, digest } = second;
  expectStatus(await client.putManifest("team/app", digest, bytes, mediaType, { tags: ["new", "v1"] }), 201);
  expectStatus(await client.remove("/v2/team/app/manifests/new"), 202);
  expectStatus(await client.remove(`/v2/team/app/manifests/${digest}`), 202);
  expectStatus(await client.remove(`/v2/team/app/blobs/${blob}`), 202);

  const found = await rows(house, ({ action }) => action === "delete-blob");
  const changes = found
    .filter(({ repository }) => repository !== undefined)
    .filter(({ action }) => !action.startsWith("pull"));
  const who = "user:alice";
  assert.deepEqual(changes.map(line), [
    `push-blob | ${who} | team/other | makers`,
    `mount-blob | ${who} | team/app | makers`,
    `push-blob | ${who} | team/app | makers`,
    `push-blob | ${who} | team/app | makers`,
    `push-manifest | ${who} | team/app | makers`,
    `create-tag | ${who} | team/app:v1 | makers`,
    `push-blob | ${who} | team/app | makers`,
    `push-blob | ${who} | team/app | makers`,
    `push-manifest | ${who} | team/app | makers`,
    `push-manifest | ${who} | team/app | makers`,
    `create-tag | ${who} | team/app:new | makers`,
    `move-tag | ${who} | team/app:v1 | movers`,
    `delete-tag | ${who} | team/app:new | cleaners`,
    `delete-manifest | ${who} | team/app | cleaners`,
    `delete-tag | ${who} | team/app:v1 | cleaners`,
    `delete-blob | ${who} | team/app | cleaners`,
  ]);
  for (const row of changes) {
    assert.equal(row.address, "127.0.0.1");
    assert.match(row.actorId ?? "", /^user:\d+$/);
    assert.notEqual(row.request, "");
  }
});

test("rows of admins, namespaces, robots and anonymous say what allowed them", async () => {
  await using house = await startGuarded(policy);
  const admin = await house.addUser("root-user", { admin: true });
  const alice = await house.addUser("alice");
  const robot = await house.addRobot("ci", [{ repositories: "bots/*", actions: ["push"] }]);
  for (const [who, repo] of [
    [admin, "any/where"],
    [alice, "alice/app"],
    [robot, "bots/app"],
    [undefined, "public/app"],
  ] as const)
    await house.as(who).pushBlob(freshBytes(), { repo });
  const found = await rows(house, ({ repository }) => repository === "public/app");
  assert.deepEqual(found.filter(({ action }) => action === "push-blob").map(line), [
    "push-blob | user:root-user | any/where | admin",
    "push-blob | user:alice | alice/app | namespace of alice",
    "push-blob | robot:ci | bots/app | rights of ci",
    "push-blob | anonymous:anonymous | public/app | free for all",
  ]);
});

test("refusals, sign-ins, failures and changes of accounts have rows too", async () => {
  await using house = await startGuarded(policy);
  const admin = await house.addUser("root-user", { admin: true });
  const alice = await house.addUser("alice");
  expectStatus(await house.as(alice).get("/v2/secret/app/tags/list"), 403);
  expectStatus(await house.as({ name: "alice", secret: "wrong password" }).get("/v2/"), 401);
  const change = { headers: { "content-type": "application/json" }, body: '{"enabled":false}' };
  expectStatus(await house.as(admin).request("PATCH", "/api/v1/users/alice", change), 200);
  const found = await rows(house, ({ action }) => action === "denied");
  const lines = new Set(
    found.map(({ action, actor, rule, subject = "" }) => [action, actor, rule, subject].join(" | ")),
  );
  for (const expected of [
    "account-added | operator | control socket | root-user",
    "account-added | operator | control socket | alice",
    "sign-in | alice |  | ",
    "sign-in-failed | alice | wrong name or password | ",
    "denied | alice | no rule allows it | pull",
    "account-changed | root-user | admin | alice",
  ])
    assert.ok(lines.has(expected), `${expected} is not among\n${[...lines].join("\n")}`);
});
