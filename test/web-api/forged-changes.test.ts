import assert from "node:assert/strict";
import { test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import { oci, registryClient } from "../harness/registry-client.ts";
import { startGuarded } from "../guarded/guarded.ts";
import { pageClient } from "./page-client.ts";

const tag = (name: string) => `/tags?repository=alice/app&tag=${name}`;

test("a change by the cookie needs the session's token and a page of this origin", async () => {
  await using house = await startGuarded();
  const alice = await house.addUser("alice");
  await house.as(alice).push("alice/app", oci.image(), "v1");
  const page = pageClient(house.url);
  await page.signIn("alice", "password-of-alice");
  const other = pageClient(house.url);
  await other.signIn("alice", "password-of-alice");
  for (const headers of [
    { "x-csrf-token": undefined },
    { "x-csrf-token": "" },
    { "x-csrf-token": "open" },
    { "x-csrf-token": other.csrf },
    { "x-csrf-token": page.csrf.slice(0, -1) },
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "none" },
  ]) {
    const refused = await page.change("DELETE", tag("v1"), undefined, headers);
    assert.equal(refused.status, 403, JSON.stringify(headers));
    assert.equal(refused.json.errors[0].code, "DENIED");
  }
  // Accounts are changed through the same gate.
  const mine = await page.change(
    "PATCH",
    "/users/alice",
    { end_tokens: true },
    { "x-csrf-token": undefined },
  );
  assert.equal(mine.status, 403);
  assert.equal((await house.as(alice).head("/v2/alice/app/manifests/v1")).status, 200);
  assert.equal((await page.change("DELETE", tag("v1"))).status, 204);
  assert.equal((await house.as(alice).head("/v2/alice/app/manifests/v1")).status, 404);
});

test("signing in from somebody else's page is refused", async () => {
  await using house = await startGuarded();
  await house.addUser("alice");
  const page = pageClient(house.url);
  const body = { name: "alice", password: "password-of-alice" };
  for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
    const answer = await page.change("POST", "/session", body, headers);
    assert.equal(answer.status, 403);
    assert.equal(answer.headers.get("set-cookie"), undefined);
  }
});

test("the accounts' API takes the session too; outside of /api/v1 the cookie is nothing", async () => {
  await using house = await startGuarded();
  await house.addUser("root-user", { admin: true });
  await house.addUser("alice");
  const page = pageClient(house.url);
  assert.equal((await page.get("/users")).status, 401);
  await page.signIn("root-user", "password-of-root-user");
  assert.equal((await page.get("/users")).json.users.length, 2);
  assert.equal((await page.change("PATCH", "/users/alice", { enabled: false })).status, 200);
  const cookie = { cookie: page.cookie ?? "" };
  const client = registryClient(house.url);
  assert.equal((await client.get("/v2/", cookie)).status, 401);
  assert.equal((await client.get("/v2/_catalog", cookie)).status, 401);
  assert.equal((await client.get("/metrics", cookie)).status, 401);
  const token = await client.get("/token?scope=repository:alice/app:pull", cookie);
  const parts = (JSON.parse(token.body.toString()) as { token: string }).token.split(".");
  assert.equal(JSON.parse(Buffer.from(parts[1] ?? "", "base64url").toString()).sub, "", "nobody's token");
});

test("credentials in the header need no token of a session, and the cookie beside them isn't looked at", async () => {
  await using house = await startGuarded();
  const alice = await house.addUser("alice");
  await house.addUser("bob");
  await house.as(alice).push("alice/app", oci.image(), "v1");
  const page = pageClient(house.url);
  await page.signIn("bob", "password-of-bob");
  const headers = { authorization: house.basicOf(alice), "x-csrf-token": undefined, origin: undefined };
  assert.equal((await page.get("/session", headers)).json.name, "alice");
  // A browser sends along what a proxy in front of Berth asked for, from anybody's page.
  for (const foreign of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }])
    assert.equal((await page.change("DELETE", tag("v1"), undefined, { ...headers, ...foreign })).status, 403);
  assert.equal((await page.change("DELETE", tag("v1"), undefined, headers)).status, 204);
  const wrong = { ...headers, authorization: house.basicOf({ name: "alice", secret: "wrong" }) };
  assert.equal((await page.get("/session", wrong)).status, 401, "not anonymous, and not bob");
});

test("where auth is off a change needs the header, this origin, and a name that is this server's", async () => {
  await using berth = await startBerth({ external_url: "http://registry.internal:5000" });
  const client = registryClient(berth.url);
  await client.push("alice/app", oci.image(), "v1");
  const page = pageClient(berth.url);
  const session = (await page.get("/session")).json;
  assert.deepEqual([session.auth, session.admin, session.csrf], ["open", true, "open"]);
  const port = new URL(berth.url).port;
  for (const headers of [
    { "x-csrf-token": undefined },
    { "x-csrf-token": "closed" },
    { origin: "https://evil.example" },
    { "sec-fetch-site": "cross-site" },
    { host: "evil.example" },
    { host: `evil.example:${port}`, origin: `http://evil.example:${port}` },
    { host: "127.0.0.1.evil.example", origin: "http://127.0.0.1.evil.example" },
    // Credentials mean nothing here, so they don't open it either.
    { authorization: "Basic YTpi", "x-csrf-token": undefined },
  ])
    assert.equal(
      (await page.change("DELETE", tag("v1"), undefined, headers)).status,
      403,
      JSON.stringify(headers),
    );
  for (const host of ["evil.example", `evil.example:${port}`, "localhost.evil.example", "a b"])
    assert.ok([400, 403].includes((await page.get("/repositories", { host })).status), host);
  for (const host of [
    "localhost",
    `localhost:${port}`,
    `127.0.0.1:${port}`,
    `[::1]:${port}`,
    "berth.localhost",
    "registry.internal:5000",
    "REGISTRY.internal",
    "192.168.1.7:5000",
  ])
    assert.equal((await page.get("/repositories", { host })).status, 200, host);
  assert.equal((await page.change("DELETE", tag("v1"))).status, 204);
});
