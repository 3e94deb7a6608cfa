import assert from "node:assert/strict";
import { test } from "node:test";
import { accountDesk, type AccountDesk } from "../harness/accounts.ts";
import { spawnBerth } from "../harness/process.ts";
import { expectStatus, type RegistryClient } from "../harness/registry-client.ts";

const config = {
  workers: 2,
  auth: { mode: "token" },
  policy: { rules: [{ repositories: "team/**", who: "group:team", allow: ["pull", "push"] }] },
};
// Connections go to the workers in turn: so many reach both.
const tries = 8;

/** Status of the same request over connections of its own, all at once. */
async function statuses(client: RegistryClient, path: string): Promise<Set<number>> {
  const answers = await Promise.all(Array.from({ length: tries }, () => client.get(path)));
  return new Set(answers.map(({ status }) => status));
}

for (const [what, revoke, after] of [
  ["a disabled user", (desk: AccountDesk) => desk.manage("PATCH", "/users/alice", { enabled: false }), 401],
  [
    "a user without his group",
    (desk: AccountDesk) => desk.manage("DELETE", "/groups/team/members/alice"),
    403,
  ],
  [
    "a user with ended tokens",
    (desk: AccountDesk) => desk.manage("PATCH", "/users/alice", { end_tokens: true }),
    401,
  ],
] as const)
  test(`with two workers ${what} is refused by both at once`, async () => {
    await using berth = await spawnBerth({ config });
    const desk = accountDesk(berth);
    const alice = await desk.addUser("alice");
    await desk.addGroup("team", alice);
    const client = desk.bearer(await desk.token(alice, "repository:team/app:pull"));
    const path = "/v2/team/app/tags/list";
    assert.deepEqual(await statuses(client, path), new Set([404]));
    await revoke(desk);
    assert.deepEqual(await statuses(client, path), new Set([after]));
  });

test("with two workers a removed personal token and a robot's old secret are refused by both at once", async () => {
  await using berth = await spawnBerth({ config });
  const desk = accountDesk(berth);
  const alice = await desk.addUser("alice");
  const personal = await desk.addPersonal(alice);
  const robot = await desk.addRobot("ci", [{ repositories: "alice/**", actions: ["pull"] }]);
  const scope = "repository:alice/app:pull";
  const clients = [
    desk.as(personal),
    desk.bearer(await desk.token(personal, scope)),
    desk.as(robot),
    desk.bearer(await desk.token(robot, scope)),
  ];
  for (const client of clients)
    assert.deepEqual(await statuses(client, "/v2/alice/app/tags/list"), new Set([404]));
  await desk.manage("DELETE", `/tokens/${personal.id}`);
  await desk.manage("DELETE", "/robots/ci");
  for (const client of clients) {
    // Wrong secrets may have to wait after some; what counts is that none is let in.
    const found = await statuses(client, "/v2/alice/app/tags/list");
    assert.ok(
      [...found].every((status) => status === 401 || status === 429),
      [...found].join(),
    );
  }
});

test("a token that one worker issued is taken by the other, and a session begun there goes on here", async () => {
  await using berth = await spawnBerth({ config });
  const desk = accountDesk(berth);
  const client = desk.bearer(await desk.token(await desk.addUser("alice"), "repository:alice/app:pull,push"));
  const session = await client.startUpload("alice/app");
  assert.deepEqual(await statuses(client, session), new Set([204]));
  const bob = desk.as(await desk.addUser("bob"));
  const other = session.replace("alice/app", "bob/app");
  assert.deepEqual(await statuses(bob, other), new Set([404]));
  expectStatus(await client.remove(session), 204);
  assert.deepEqual(await statuses(client, session), new Set([404]));
});
