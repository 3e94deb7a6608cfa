import assert from "node:assert/strict";
import { test } from "node:test";
import { expectStatus } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

const repository = (at: number, length: number) => `alice/${"a".repeat(length)}${at}`;

test("scopes that fit into a token work, longer ones are refused in words: no token is given that is no good", async () => {
  await using house = await startGuarded();
  const alice = await house.addUser("alice");
  const scopes = (length: number) =>
    Array.from({ length: 100 }, (_, at) => `repository:${repository(at, length)}:*`);
  const token = await house.token(alice, ...scopes(20));
  expectStatus(await house.bearer(token).get(`/v2/${repository(99, 20)}/tags/list`), 404);
  const query = scopes(240)
    .map((scope) => `scope=${scope}`)
    .join("&");
  const refused = await house.as(alice).get(`/token?${query}`);
  expectStatus(refused, 400);
  assert.match(refused.body.toString(), /ask for several tokens/);
});

test("limits of a personal token that fit into access tokens work, longer ones are refused in words", async () => {
  await using house = await startGuarded();
  const alice = await house.addUser("alice");
  const limits = (length: number) =>
    Array.from({ length: 50 }, (_, at) => ({
      repositories: repository(at, length),
      actions: ["pull" as const],
    }));
  const personal = await house.addPersonal(alice, limits(50));
  const name = repository(49, 50);
  const token = await house.token(personal, `repository:${name}:pull`);
  for (const client of [house.as(personal), house.bearer(token)])
    expectStatus(await client.get(`/v2/${name}/tags/list`), 404);
  await assert.rejects(house.addPersonal(alice, limits(240)), /400 .*characters, 6000 are the most/);
});
