import { test } from "node:test";
import { expectError, expectStatus, oci, type RegistryClient } from "../harness/registry-client.ts";
import type { Person } from "../harness/accounts.ts";
import { startGuarded, type Guarded } from "./guarded.ts";

const policy = `  rules:
    - {repositories: 'team/**', who: 'group:team', allow: [pull, push]}
    - {repositories: 'mine/**', who: 'user:alice', allow: [pull, push]}
    - {repositories: 'mine/**', who: 'robot:ci', allow: [pull, push]}`;
const path = "/v2/mine/app/manifests/v1";

/** Basic and an access token that is already out, both tried once while they work. */
async function working(house: Guarded, who: Person, at = path, scope = "repository:mine/app:pull,push") {
  const clients = [house.as(who), house.bearer(await house.token(who, scope))];
  for (const client of clients) expectStatus(await client.get(at), 200);
  return clients;
}

async function allRefused(clients: RegistryClient[], at = path) {
  for (const client of clients) {
    expectError(await client.get(at), 401, "UNAUTHORIZED");
    expectError(await client.head(at), 401);
    expectError(await client.request("POST", "/v2/mine/app/blobs/uploads/"), 401, "UNAUTHORIZED");
    expectError(await client.get("/v2/"), 401, "UNAUTHORIZED");
  }
}

async function prepared() {
  const house = await startGuarded(policy);
  const admin = await house.addUser("root-user", { admin: true });
  for (const repo of ["mine/app", "team/app"]) await house.as(admin).push(repo, oci.image(), "v1");
  return { house, alice: await house.addUser("alice") };
}

for (const [how, revoke] of [
  ["removed", (house: Guarded) => house.manage("DELETE", "/users/alice")],
  ["disabled", (house: Guarded) => house.manage("PATCH", "/users/alice", { enabled: false })],
  [
    "given another password",
    (house: Guarded) => house.manage("POST", "/users/alice/password", { password: "another password" }),
  ],
] as const)
  test(`of a user who is ${how} the access tokens that are out, Basic and refreshing stop at once`, async () => {
    const { house, alice } = await prepared();
    await using _house = house;
    const { refresh_token = "" } = await house.askToken(alice, [], "offline_token=true");
    const form = { grant_type: "refresh_token", refresh_token, service: "berth" };
    expectStatus(await house.exchange(form), 200);
    const clients = await working(house, alice);
    await revoke(house);
    await allRefused(clients);
    expectStatus(await house.exchange(form), 401);
    expectStatus(await house.as(alice).get("/token"), 401);
  });

test("ending a user's tokens stops those that are out, not the password", async () => {
  const { house, alice } = await prepared();
  await using _house = house;
  const [, bearer] = await working(house, alice);
  await house.manage("PATCH", "/users/alice", { end_tokens: true });
  if (bearer) await allRefused([bearer]);
  await working(house, alice);
});

for (const [how, revoke] of [
  ["removed", (house: Guarded) => house.manage("DELETE", "/robots/ci")],
  ["disabled", (house: Guarded) => house.manage("PATCH", "/robots/ci", { enabled: false })],
  ["given another secret", (house: Guarded) => house.manage("POST", "/robots/ci/secret", {})],
] as const)
  test(`of a robot that is ${how} the access tokens that are out and Basic stop at once (CVE-2025-23208)`, async () => {
    const { house } = await prepared();
    await using _house = house;
    const clients = await working(house, await house.addRobot("ci"));
    await revoke(house);
    await allRefused(clients);
  });

test("a robot whose rights are taken stops at once, with a token that is out, too", async () => {
  const { house } = await prepared();
  await using _house = house;
  const robot = await house.addRobot("builder", [{ repositories: "team/**", actions: ["pull"] }]);
  const at = "/v2/team/app/manifests/v1";
  const clients = await working(house, robot, at, "repository:team/app:pull");
  await house.manage("PATCH", "/robots/builder", { rights: [] });
  for (const client of clients) expectError(await client.get(at), 403, "DENIED");
});

for (const [how, revoke] of [
  ["who left a group", (house: Guarded) => house.manage("DELETE", "/groups/team/members/alice")],
  ["whose group is removed", (house: Guarded) => house.manage("DELETE", "/groups/team")],
] as const)
  test(`of a user ${how} the access tokens that are out and Basic lose its rights at once (CVE-2025-23208)`, async () => {
    const { house, alice } = await prepared();
    await using _house = house;
    await house.addGroup("team", alice);
    const at = "/v2/team/app/manifests/v1";
    const clients = await working(house, alice, at, "repository:team/app:pull,push");
    await revoke(house);
    for (const client of clients) expectError(await client.get(at), 403, "DENIED");
  });

test("a removed personal token stops at once, with the access tokens issued from it, and only these", async () => {
  const { house, alice } = await prepared();
  await using _house = house;
  const others = await working(house, alice);
  const personal = await house.addPersonal(alice);
  const clients = await working(house, personal);
  await house.manage("DELETE", `/tokens/${personal.id}`);
  await allRefused(clients);
  for (const client of others) expectStatus(await client.get(path), 200);
});

test("a removed refresh token stops at once, with the access tokens issued from it, and only these", async () => {
  const { house, alice } = await prepared();
  await using _house = house;
  const others = await working(house, alice);
  const { refresh_token = "" } = await house.askToken(alice, [], "offline_token=true");
  const form = { grant_type: "refresh_token", refresh_token, scope: "repository:mine/app:pull" };
  const { token } = JSON.parse((await house.exchange(form)).body.toString()) as { token: string };
  expectStatus(await house.bearer(token).get(path), 200);
  const { tokens } = (await house.manage("GET", "/users/alice/tokens")) as {
    tokens: { id: number; kind: string }[];
  };
  for (const { id, kind } of tokens) if (kind === "refresh") await house.manage("DELETE", `/tokens/${id}`);
  await allRefused([house.bearer(token)]);
  expectStatus(await house.exchange(form), 401);
  for (const client of others) expectStatus(await client.get(path), 200);
});

test("an account that expires stops at its time, tokens that are out too", async () => {
  const { house, alice } = await prepared();
  await using _house = house;
  const clients = await working(house, alice);
  await house.manage("PATCH", "/users/alice", { expires_at: new Date(Date.now() + 300).toISOString() });
  await new Promise((resolve) => setTimeout(resolve, 350));
  await allRefused(clients);
});

test("a user who was removed and made again with the same name: what belonged to the first is no good", async () => {
  const { house, alice } = await prepared();
  await using _house = house;
  const { refresh_token = "" } = await house.askToken(alice, [], "offline_token=true");
  const personal = await house.addPersonal(alice);
  const [, bearer] = await working(house, alice);
  const session = await house.as(alice).startUpload("mine/app");
  await house.manage("DELETE", "/users/alice");
  await house.manage("POST", "/users", { name: "alice", password: "a new alice" });
  if (bearer) await allRefused([bearer]);
  // Once each: more wrong secrets of one name would have to wait.
  for (const who of [personal, alice]) expectError(await house.as(who).get(path), 401, "UNAUTHORIZED");
  expectStatus(await house.exchange({ grant_type: "refresh_token", refresh_token }), 401);
  const again = house.as({ name: "alice", secret: "a new alice" });
  expectStatus(await again.get(path), 200);
  expectError(await again.get(session), 404, "BLOB_UPLOAD_UNKNOWN");
});

test("rights that are withdrawn in the middle of an upload end it at the next request", async () => {
  const { house, alice } = await prepared();
  await using _house = house;
  await house.addGroup("team", alice);
  const client = house.as(alice);
  const session = await client.startUpload("team/app");
  expectStatus(await client.request("PATCH", session, { body: "first" }), 202);
  await house.manage("DELETE", "/groups/team/members/alice");
  for (const method of ["GET", "PATCH", "PUT", "DELETE"])
    expectError(await client.request(method, session), 403, "DENIED");
  await house.manage("PUT", "/groups/team/members/alice");
  expectStatus(await client.get(session), 204);
});
