import assert from "node:assert/strict";
import { test } from "node:test";
import { nobodysHash, hashPassword } from "#kit/password-hash.ts";
import { addUser, openDesk, operator, passwordOf, signIn } from "./sign-in-desk.ts";

const costOf = (hash: string) => hash.split("$").slice(0, 4).join("$");

test("the same answer and the same work for unknown and known names", async () => {
  await using desk = await openDesk();
  await addUser(desk, "alice");
  await addUser(desk, "gone");
  await desk.manage.users.change(operator, "gone", { enabled: false });
  await desk.manage.users.add(operator, {
    name: "late",
    password: passwordOf("late"),
    admin: false,
    expiresAt: desk.time.now + 1,
  });
  desk.time.now += 10;
  const { secret } = await desk.manage.robots.add(operator, { name: "ci", rights: [], expiresAt: "never" });

  const answers = [
    await signIn(desk, "alice", "wrong password"),
    await signIn(desk, "nobody", "wrong password"),
    await signIn(desk, "gone", passwordOf("gone")),
    await signIn(desk, "late", passwordOf("late")),
    await signIn(desk, "ci", "wrong password"),
  ];
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  assert.equal(answers[0]?.code, "unauthenticated");
  assert.equal(desk.hashed.length, answers.length, "one hash each");
  assert.deepEqual(new Set(desk.hashed.map(costOf)), new Set([costOf(nobodysHash)]));

  // Secrets are looked up, whoever they are said to be of: no slow hash for any of these.
  const wrongSecrets = [
    await signIn(desk, "alice", secret),
    await signIn(desk, "nobody", secret),
    await signIn(desk, "ci", secret.slice(0, -4) + "AAAA"),
  ];
  for (const answer of wrongSecrets) assert.deepEqual(answer, answers[0]);
  assert.equal(desk.hashed.length, answers.length);
});

test("what can't be anybody's name or password is refused without any work", async () => {
  await using desk = await openDesk();
  for (const [name, secret] of [
    ["", "x"],
    ["alice", ""],
    ["a".repeat(129), "x"],
    ["alice", "x".repeat(1_001)],
  ] as const)
    assert.equal((await signIn(desk, name, secret)).code, "unauthenticated");
  assert.deepEqual(desk.hashed, []);
});

test("nobody's hash costs what a new password's hash costs", async () => {
  assert.equal(costOf(nobodysHash), costOf(await hashPassword("some password")));
});
