import { test } from "node:test";
import { expectStatus } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

test("a user's own patterns can't make the server think for ever", async () => {
  await using house = await startGuarded();
  const alice = await house.addUser("alice");
  for (const repositories of [
    "*a".repeat(100) + "*b",
    "a*".repeat(127),
    "**/*".repeat(50),
    "*?".repeat(100),
  ]) {
    const token = await house.addPersonal(alice, [{ repositories, actions: ["pull"] }]);
    const repository = "a".repeat(250);
    const client = house.as(token);
    expectStatus(await client.request("GET", `/v2/${repository}/tags/list`, { timeout: 10_000 }), 403);
    expectStatus(await client.request("GET", `/v2/${"a/".repeat(120)}a/tags/list`, { timeout: 10_000 }), 403);
  }
});
