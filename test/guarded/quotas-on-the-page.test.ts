import assert from "node:assert/strict";
import { test } from "node:test";
import { oci } from "../harness/registry-client.ts";
import { pageClient } from "../web-api/page-client.ts";
import { startGuarded } from "./guarded.ts";

const rules = `  rules:
    - { repositories: "team/**", who: "user:alice", allow: [pull, push] }
    - { repositories: "depot/x/**", who: "user:alice", allow: [pull, push] }
    - { repositories: "shown/**", who: "user:alice", allow: pull }
quotas:
  - { name: each, per: user, bytes: 100KiB }
  - { name: team, repositories: "team/**", bytes: 1MiB }
  - { name: depots, repositories: "depot/**", bytes: 1MiB }
  - { name: shown, repositories: "shown/**", bytes: 1MiB }
  - { name: others, repositories: ["bob/**"], bytes: 1MiB }
`;

test("the page shows every quota that one's pushes are under, and none of others", async () => {
  await using place = await startGuarded(rules);
  const alice = place.as(await place.addUser("alice"));
  await place.as(await place.addUser("bob")).push("bob/app", oci.image(), "v1");
  const page = pageClient(place.url);
  await page.signIn("alice", "password-of-alice");
  const shown = async () =>
    ((await page.get("/usage")).json as { quotas: { name: string }[] }).quotas.map(({ name }) => name);
  assert.deepEqual(await shown(), ["each", "team"]);
  await alice.push("depot/x/app", oci.image(), "v1");
  assert.deepEqual(await shown(), ["each", "team", "depots"], "known by a repository that is there");
});
