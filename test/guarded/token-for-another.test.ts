import assert from "node:assert/strict";
import { test } from "node:test";
import { expectError, expectStatus, freshBytes, oci } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

const insufficient = (scope: string) => new RegExp(`scope="${scope}",error="insufficient_scope"$`);

test("a token for repository A is no good on B of the same owner: 401, and the challenge names B", async () => {
  await using house = await startGuarded();
  const alice = await house.addUser("alice");
  const a = house.bearer(await house.token(alice, "repository:alice/a:pull,push,delete"));
  const b = house.bearer(await house.token(alice, "repository:alice/b:pull,push,delete"));
  const image = oci.image();
  await a.push("alice/a", image, "v1");
  await b.push("alice/b", image, "v1");
  for (const [method, path, scope] of [
    ["GET", "/v2/alice/b/manifests/v1", "repository:alice/b:pull"],
    ["HEAD", "/v2/alice/b/manifests/v1", "repository:alice/b:pull"],
    ["GET", `/v2/alice/b/blobs/${image.blobs[0]?.digest}`, "repository:alice/b:pull"],
    ["GET", "/v2/alice/b/tags/list", "repository:alice/b:pull"],
    ["GET", `/v2/alice/b/referrers/${image.digest}`, "repository:alice/b:pull"],
    ["POST", "/v2/alice/b/blobs/uploads/", "repository:alice/b:pull,push"],
    ["PUT", "/v2/alice/b/manifests/v2", "repository:alice/b:pull,push"],
    ["DELETE", "/v2/alice/b/manifests/v1", "repository:alice/b:delete"],
    ["DELETE", `/v2/alice/b/blobs/${image.blobs[0]?.digest}`, "repository:alice/b:delete"],
  ] as const) {
    const answer = await a.request(method, path);
    expectError(answer, 401, "UNAUTHORIZED");
    assert.match(answer.headers.get("www-authenticate") ?? "", insufficient(scope), `${method} ${path}`);
  }
  expectStatus(await b.get("/v2/alice/b/manifests/v1"), 200);
});

test("names that begin or end like the token's repository are other repositories", async () => {
  await using house = await startGuarded();
  const alice = await house.addUser("alice");
  const client = house.bearer(await house.token(alice, "repository:alice/app:pull,push"));
  for (const name of ["alice/app2", "alice/ap", "alice/app/x", "alice", "x/alice/app", "alice/app-1"])
    expectStatus(await client.get(`/v2/${name}/tags/list`), 401, 403);
  for (const name of ["alice/%61pp", "alice%2fapp", "alice//app", "alice/./app", "ALICE/app"])
    expectStatus(await client.get(`/v2/${name}/tags/list`), 404, 400);
});

test("a pull token can't push, a push token can't delete, though their owner may", async () => {
  await using house = await startGuarded();
  const alice = await house.addUser("alice");
  const image = oci.image();
  await house.as(alice).push("alice/app", image, "v1");

  const pull = house.bearer(await house.token(alice, "repository:alice/app:pull"));
  expectError(await pull.request("POST", "/v2/alice/app/blobs/uploads/"), 401, "UNAUTHORIZED");
  expectError(await pull.putManifest("alice/app", "v2", image.bytes, image.mediaType), 401, "UNAUTHORIZED");

  const push = house.bearer(await house.token(alice, "repository:alice/app:pull,push"));
  for (const path of [`manifests/v1`, `manifests/${image.digest}`, `blobs/${image.blobs[0]?.digest}`]) {
    const answer = await push.remove(`/v2/alice/app/${path}`);
    expectError(answer, 401, "UNAUTHORIZED");
    assert.match(answer.headers.get("www-authenticate") ?? "", insufficient("repository:alice/app:delete"));
  }
  expectStatus(await push.get("/v2/alice/app/manifests/v1"), 200);
});

test("a token without scopes and an anonymous token open no repository", async () => {
  await using house = await startGuarded();
  const alice = await house.addUser("alice");
  await house.as(alice).push("alice/app", oci.image(), "v1");
  for (const token of [await house.token(alice), await house.token(undefined, "repository:alice/app:pull")]) {
    expectStatus(await house.bearer(token).get("/v2/"), 200);
    expectError(await house.bearer(token).get("/v2/alice/app/manifests/v1"), 401, "UNAUTHORIZED");
  }
});

test("a token can't grant more than the policy does, also when the policy's yes came earlier", async () => {
  await using house = await startGuarded(
    "  rules:\n    - {repositories: 'team/**', who: 'group:team', allow: [pull, push]}",
  );
  const bob = await house.addUser("bob");
  await house.addGroup("team", bob);
  const { token, scope } = await house.askToken(bob, ["repository:team/app:pull,push,delete,overwrite,*"]);
  assert.equal(scope, "repository:team/app:pull,push");
  const client = house.bearer(token);
  await client.pushBlob(freshBytes(), { repo: "team/app" });
  await house.manage("DELETE", "/groups/team/members/bob");
  expectError(await client.request("POST", "/v2/team/app/blobs/uploads/"), 403, "DENIED");
});
