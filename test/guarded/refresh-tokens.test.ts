import assert from "node:assert/strict";
import { test } from "node:test";
import type { PartialConfig } from "../harness/berth.ts";
import { expectError, expectStatus, type Response } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

const scope = "repository:alice/app:pull,push";
const json = (answer: Response) => JSON.parse(answer.body.toString("utf8")) as Record<string, unknown>;

async function loggedIn(overrides: PartialConfig = {}) {
  const house = await startGuarded("  rules: []", "", overrides);
  const alice = await house.addUser("alice");
  const { refresh_token = "", token } = await house.askToken(
    alice,
    [scope],
    "offline_token=true&client_id=docker",
  );
  const refresh = (more: Record<string, string> = {}) =>
    house.exchange({
      grant_type: "refresh_token",
      refresh_token,
      service: "berth",
      client_id: "docker",
      scope,
      ...more,
    });
  return { house, alice, refresh_token, token, refresh };
}

test("a refresh token gives an access token, again and again while it lasts", async () => {
  const { house, refresh } = await loggedIn();
  await using _house = house;
  for (let again = 0; again < 3; again++) {
    const answer = await refresh();
    expectStatus(answer, 200);
    expectStatus(
      await house.bearer(String(json(answer)["access_token"])).get("/v2/alice/app/tags/list"),
      404,
    );
  }
});

test("a refresh token that is used after its end (expired, or ended by a new password) is refused", async () => {
  const { house, alice, refresh } = await loggedIn({ auth: { token: { refresh_lifetime: 300 } } });
  await using _house = house;
  await new Promise((resolve) => setTimeout(resolve, 350));
  const { refresh_token = "" } = await house.askToken(alice, [], "offline_token=true");
  await house.manage("POST", "/users/alice/password", { password: "something else" });
  for (const form of [{}, { refresh_token }, {}]) {
    const answer = await refresh(form);
    expectStatus(answer, 401);
    assert.equal(json(answer)["error"], "invalid_grant");
  }
});

test("a refresh token is no access token", async () => {
  const { house, refresh_token } = await loggedIn();
  await using _house = house;
  const answer = await house.bearer(refresh_token).get("/v2/alice/app/tags/list");
  expectError(answer, 401, "UNAUTHORIZED");
  assert.match(answer.headers.get("www-authenticate") ?? "", /error="invalid_token"$/);
});

test("a refresh token is no password, for /v2/, /token and the accounts' API", async () => {
  const { house, refresh_token } = await loggedIn();
  await using _house = house;
  const client = house.as({ name: "alice", secret: refresh_token });
  for (const path of ["/v2/", "/token", "/api/v1/users/alice"]) expectStatus(await client.get(path), 401);
  const form = { grant_type: "password", username: "alice", password: refresh_token, service: "berth" };
  expectStatus(await house.exchange(form), 401);
});

test("an access token is no refresh token, and no password", async () => {
  const { house, token, refresh } = await loggedIn();
  await using _house = house;
  expectStatus(await refresh({ refresh_token: token }), 401);
  expectStatus(await house.as({ name: "alice", secret: token }).get("/v2/"), 401);
});

test("a personal token and a robot's secret are no refresh tokens, and give none", async () => {
  const { house, alice, refresh } = await loggedIn();
  await using _house = house;
  for (const who of [await house.addPersonal(alice), await house.addRobot("ci")]) {
    expectStatus(await refresh({ refresh_token: who.secret }), 401);
    assert.equal((await house.askToken(who, [], "offline_token=true")).refresh_token, undefined);
  }
  assert.equal((await house.askToken(undefined, [], "offline_token=true")).refresh_token, undefined);
});

test("a refresh token gives nothing for another service", async () => {
  const { house, alice, refresh } = await loggedIn();
  await using _house = house;
  for (const service of ["other.example.org", "BERTH", "berth,other"])
    expectStatus(await refresh({ service }), 400);
  expectStatus(await house.as(alice).get("/token?service=other.example.org"), 400);
  expectStatus(await refresh({ service: "" }), 200);
});

test("a refresh token gives no more than its owner may now, and nobody's else", async () => {
  const { house, refresh } = await loggedIn();
  await using _house = house;
  const answer = await refresh({
    scope: "repository:bob/app:pull repository:alice/app:pull registry:catalog:*",
  });
  assert.equal(json(answer)["scope"], "repository:alice/app:pull registry:catalog:*");
});

test("texts that are almost a refresh token are refused with the words of an unknown one", async () => {
  const { house, refresh, refresh_token } = await loggedIn();
  await using _house = house;
  const unknown = `brt_${"A".repeat(43)}`;
  const words = (await refresh({ refresh_token: unknown })).body.toString();
  for (const text of [
    `${refresh_token} `,
    refresh_token.slice(0, -1),
    `${refresh_token}A`,
    refresh_token.replace("brt_", "bpt_"),
    refresh_token.toUpperCase(),
    "x",
    "brt_".padEnd(10_000, "x"),
  ]) {
    const answer = await refresh({ refresh_token: text });
    expectStatus(answer, 401);
    assert.equal(answer.body.toString(), words);
  }
});
