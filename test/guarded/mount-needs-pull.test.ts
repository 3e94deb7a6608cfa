import assert from "node:assert/strict";
import { test } from "node:test";
import {
  expectError,
  expectStatus,
  freshBytes,
  unknownDigest,
  type RegistryClient,
  type Response,
} from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

const policy = `  rules:
    - {repositories: 'open/**', who: anonymous, allow: [pull, push]}
    - {repositories: 'drop/**', who: 'user:bob', allow: push}`;

async function secretBlob() {
  const house = await startGuarded(policy);
  const [alice, bob] = [await house.addUser("alice"), await house.addUser("bob")];
  const digest = await house.as(alice).pushBlob(freshBytes(), { repo: "alice/private" });
  return { house, alice, bob, digest };
}

/** An answer without what is chosen anew for each session. */
function shape(response: Response) {
  const headers = response.headers
    .comparable()
    .map(([name, value]) => [name, value.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID")]);
  return { status: response.status, headers, body: response.body.toString("utf8") };
}

const mount = (client: RegistryClient, repo: string, digest: string, from?: string) =>
  client.request(
    "POST",
    `/v2/${repo}/blobs/uploads/?mount=${digest}${from === undefined ? "" : `&from=${from}`}`,
  );

test("a mount without pull on its source is 202 with a session, as if the blob weren't there (CVE-2024-39897)", async () => {
  const { house, bob, digest } = await secretBlob();
  await using _house = house;
  const client = house.as(bob);
  const refused = await mount(client, "bob/app", digest, "alice/private");
  expectStatus(refused, 202);
  assert.deepEqual(shape(refused), shape(await mount(client, "bob/app", unknownDigest(), "alice/private")));
  assert.deepEqual(shape(refused), shape(await mount(client, "bob/app", digest, "nobody/nothing")));
  expectError(await client.get(`/v2/bob/app/blobs/${digest}`), 404, "BLOB_UNKNOWN");
});

test("a mount without from looks only where the caller may pull", async () => {
  const { house, bob, digest } = await secretBlob();
  await using _house = house;
  const refused = await mount(house.as(bob), "bob/app", digest);
  expectStatus(refused, 202);
  assert.deepEqual(shape(refused), shape(await mount(house.as(bob), "bob/app", unknownDigest())));
});

test("an anonymous mount tells nothing either, with from and without", async () => {
  const { house, digest } = await secretBlob();
  await using _house = house;
  for (const client of [
    house.as(undefined),
    house.bearer(await house.token(undefined, "repository:open/x:pull,push")),
  ]) {
    for (const from of ["alice/private", undefined]) {
      const refused = await mount(client, "open/x", digest, from);
      expectStatus(refused, 202);
      assert.deepEqual(shape(refused), shape(await mount(client, "open/x", unknownDigest(), from)));
    }
    expectStatus(await client.head(`/v2/open/x/blobs/${digest}`), 404);
  }
});

test("a token without pull on the source doesn't mount from it, though its owner may pull", async () => {
  const { house, alice, digest } = await secretBlob();
  await using _house = house;
  const narrow = house.bearer(await house.token(alice, "repository:alice/app:pull,push"));
  // It is told which one would: without from, nobody could ask for it by himself.
  for (const from of ["alice/private", undefined]) {
    const refused = await mount(narrow, "alice/app", digest, from);
    expectError(refused, 401, "UNAUTHORIZED");
    assert.match(
      refused.headers.get("www-authenticate") ?? "",
      /scope="repository:alice\/app:pull,push repository:alice\/private:pull",error="insufficient_scope"$/,
    );
    expectStatus(await mount(narrow, "alice/app", unknownDigest(), from), 202);
  }
  const both = await house.token(alice, "repository:alice/app:pull,push", "repository:alice/private:pull");
  for (const from of ["alice/private", undefined])
    expectStatus(await mount(house.bearer(both), "alice/app", digest, from), 201);
});

test("a personal token that was made for less doesn't mount from beyond its limits", async () => {
  const { house, alice, digest } = await secretBlob();
  await using _house = house;
  const token = await house.addPersonal(alice, [{ repositories: "alice/app", actions: ["pull", "push"] }]);
  for (const from of ["alice/private", undefined])
    expectStatus(await mount(house.as(token), "alice/app", digest, from), 202);
});

test("push without pull on the same repository: a mount from itself tells nothing", async () => {
  const { house, alice, bob } = await secretBlob();
  await using _house = house;
  await house.manage("PATCH", "/users/alice", { admin: true });
  const digest = await house.as(alice).pushBlob(freshBytes(), { repo: "drop/box" });
  const refused = await mount(house.as(bob), "drop/box", digest, "drop/box");
  assert.deepEqual(
    shape(refused),
    shape(await mount(house.as(bob), "drop/box", unknownDigest(), "drop/box")),
  );
});

test("a mount needs push on the target, whatever the source", async () => {
  const { house, bob, digest } = await secretBlob();
  await using _house = house;
  expectError(await mount(house.as(bob), "alice/private", digest, "alice/private"), 403, "DENIED");
  expectError(await mount(house.as(undefined), "bob/app", digest, "alice/private"), 401, "UNAUTHORIZED");
});

test("with pull on the source and push on the target the mount is 201", async () => {
  const { house, bob } = await secretBlob();
  await using _house = house;
  const digest = await house.as(undefined).pushBlob(freshBytes(), { repo: "open/base" });
  expectStatus(await mount(house.as(bob), "bob/app", digest, "open/base"), 201);
  expectStatus(await mount(house.as(bob), "bob/two", digest), 201);
  expectStatus(await house.as(bob).get(`/v2/bob/two/blobs/${digest}`), 200);
});

test("the session of a refused mount takes the blob's bytes like any other", async () => {
  const { house, bob } = await secretBlob();
  await using _house = house;
  const client = house.as(bob);
  const bytes = freshBytes();
  const answer = await mount(client, "bob/app", unknownDigest(), "alice/private");
  const path = client.pathOf(answer);
  const digest = await client.pushBlob(bytes, { repo: "bob/other" });
  expectStatus(await client.request("PUT", `${path}?digest=${digest}`, { body: bytes }), 201);
});
