import assert from "node:assert/strict";
import { test } from "node:test";
import { expectStatus, type Response } from "../harness/registry-client.ts";
import { startGuarded, type Guarded } from "./guarded.ts";

const wrong = (house: Guarded, name: string, secret: string) => house.as({ name, secret }).get("/v2/");

function tally(answers: Response[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}

test("a flood of passwords waits in a line that is bounded: beyond it 429 with Retry-After, health stays quick", async () => {
  await using house = await startGuarded();
  const flood = Promise.all(
    Array.from({ length: 600 }, (_, at) => wrong(house, `nobody-${at}`, `password ${at}`)),
  );
  expectStatus(await house.as(undefined).get("/livez"), 200);
  const answers = await flood;
  const counts = tally(answers);
  assert.deepEqual([...counts.keys()].sort(), [401, 429], JSON.stringify([...counts]));
  for (const answer of answers.filter(({ status }) => status === 429))
    assert.match(answer.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
});

test("10,000 wrong passwords: each is 401 or 429, and who is signed in goes on working", async () => {
  await using house = await startGuarded();
  const alice = await house.addUser("alice");
  const clients = [house.as(alice), house.bearer(await house.token(alice, "repository:alice/app:pull"))];
  for (const client of clients) expectStatus(await client.get("/v2/alice/app/tags/list"), 404);
  let sent = 0;
  const counts = new Map<number, number>();
  const attacker = async () => {
    while (sent < 10_000) {
      const at = sent++;
      const { status } = await wrong(house, at % 2 === 0 ? "alice" : `user-${at % 100}`, `guess ${at}`);
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
  };
  const attack = Promise.all(Array.from({ length: 40 }, attacker));
  for (let at = 0; at < 20; at++)
    for (const client of clients) expectStatus(await client.get("/v2/alice/app/tags/list"), 404);
  await attack;
  assert.deepEqual([...counts.keys()].sort(), [401, 429]);
  assert.ok((counts.get(401) ?? 0) < 500, "most were not even hashed");
  for (const client of clients) expectStatus(await client.get("/v2/alice/app/tags/list"), 404);
});

test("after some wrong passwords one has to wait, at /token, /v2/ and the accounts' API alike", async () => {
  await using house = await startGuarded();
  await house.addUser("alice");
  for (let at = 0; at < 5; at++) expectStatus(await wrong(house, "alice", `guess ${at}`), 401);
  const client = house.as({ name: "alice", secret: "guess again" });
  for (const path of ["/v2/", "/token", "/api/v1/users/alice", "/metrics", "/v2/alice/app/tags/list"]) {
    const answer = await client.get(path);
    expectStatus(answer, 429);
    assert.match(answer.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
    expectStatus(await client.head(path === "/token" ? "/v2/" : path), 429);
  }
  const form = { grant_type: "password", username: "alice", password: "guess" };
  expectStatus(await house.exchange(form), 429);
});

test("an anonymous X-Forwarded-For doesn't get a fresh address for each guess", async () => {
  await using house = await startGuarded();
  await house.addUser("alice");
  const seen = new Set<number>();
  for (let at = 0; at < 8; at++) {
    const client = house.as({ name: "alice", secret: `guess ${at}` });
    seen.add((await client.get("/v2/", { "x-forwarded-for": `198.51.100.${at}` })).status);
  }
  assert.ok(seen.has(429));
});

test("a password of megabytes isn't hashed, and one of 1,000 bytes is no fault", async () => {
  await using house = await startGuarded();
  await house.addUser("alice");
  expectStatus(await wrong(house, "alice", "x".repeat(5_900)), 401);
  expectStatus(await wrong(house, "alice", "x".repeat(40_000)), 401);
  expectStatus(await wrong(house, "alice", "ä".repeat(500)), 401);
  const form = { grant_type: "password", username: "alice", password: "x".repeat(60_000) };
  expectStatus(await house.exchange(form), 401);
  expectStatus(await house.exchange({ ...form, password: "x".repeat(70_000) }), 413);
});
