import { test } from "node:test";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  type RegistryClient,
} from "../harness/registry-client.ts";
import { startGuarded, type Guarded } from "./guarded.ts";

const policy = `  rules:
    - {repositories: 'team/**', who: signed-in, allow: [pull, push]}
    - {repositories: 'open/**', who: anonymous, allow: [pull, push]}`;

/** Each way to use a session is refused as if it weren't there. */
async function asIfNotThere(client: RegistryClient, session: string) {
  const bytes = freshBytes();
  expectError(await client.get(session), 404, "BLOB_UPLOAD_UNKNOWN");
  expectError(await client.request("PATCH", session, { body: bytes }), 404, "BLOB_UPLOAD_UNKNOWN");
  const finish = `${session}?digest=${digestOf(bytes)}`;
  expectError(await client.request("PUT", finish, { body: bytes }), 404, "BLOB_UPLOAD_UNKNOWN");
  expectError(await client.remove(session), 404, "BLOB_UPLOAD_UNKNOWN");
}

async function stillGood(client: RegistryClient, session: string) {
  expectStatus(await client.get(session), 204);
  const bytes = freshBytes();
  expectStatus(await client.request("PUT", `${session}?digest=${digestOf(bytes)}`, { body: bytes }), 201);
}

test("another user with the same rights gets 404 for a session, status, PATCH, PUT and DELETE (CVE-2026-32589)", async () => {
  await using house = await startGuarded(policy);
  const [alice, bob] = [await house.addUser("alice"), await house.addUser("bob")];
  const session = await house.as(alice).startUpload("team/app");
  await asIfNotThere(house.as(bob), session);
  await asIfNotThere(house.bearer(await house.token(bob, "repository:team/app:pull,push")), session);
  await stillGood(house.as(alice), session);
});

test("an admin and a robot get 404 for a user's session too", async () => {
  await using house = await startGuarded(policy);
  const admin = await house.addUser("root-user", { admin: true });
  const session = await house.as(await house.addUser("alice")).startUpload("team/app");
  await asIfNotThere(house.as(admin), session);
  await asIfNotThere(house.as(await house.addRobot("ci")), session);
});

test("anonymous gets 404 for a user's session, and a user for one that anonymous began", async () => {
  await using house = await startGuarded(policy);
  const alice = await house.addUser("alice");
  const session = await house.as(alice).startUpload("open/app");
  await asIfNotThere(house.as(undefined), session);
  await asIfNotThere(house.bearer(await house.token(undefined, "repository:open/app:pull,push")), session);
  await asIfNotThere(house.as(alice), await house.as(undefined).startUpload("open/app"));
  await stillGood(house.as(alice), session);
});

test("the same user gets 404 for a session of another repository", async () => {
  await using house = await startGuarded(policy);
  const client = house.as(await house.addUser("alice"));
  const session = await client.startUpload("team/app");
  await asIfNotThere(client, session.replace("team/app", "team/other"));
  await asIfNotThere(client, session.replace("team/app", "alice/app"));
  await stillGood(client, session);
});

const ways: [string, (house: Guarded) => Promise<[RegistryClient, RegistryClient]>][] = [
  [
    "password and access token",
    async (house) => {
      const alice = await house.addUser("alice");
      return [house.as(alice), house.bearer(await house.token(alice, "repository:team/app:pull,push"))];
    },
  ],
  [
    "one access token and the next",
    async (house) => {
      const alice = await house.addUser("alice");
      const next = async () => house.bearer(await house.token(alice, "repository:team/app:pull,push"));
      return [await next(), await next()];
    },
  ],
];
for (const [what, clients] of ways)
  test(`a session goes on with another credential of its owner: ${what}`, async () => {
    await using house = await startGuarded(policy);
    const [first, second] = await clients(house);
    const session = await first.startUpload("team/app");
    expectStatus(await second.request("PATCH", session, { body: "abc" }), 202);
    expectStatus(await first.remove(session), 204);
  });
