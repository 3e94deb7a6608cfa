import assert from "node:assert/strict";
import { test } from "node:test";
import { createPasswordChecks } from "#auth/password-checks.ts";
import { createQuietVerifier } from "#kit/quiet-verifier.ts";
import { hashPassword } from "#kit/password-hash.ts";
import { addUser, openDesk, passwordOf, signIn } from "./sign-in-desk.ts";

test("password-hash CPU exhaustion: ten thousand wrong passwords of one address cost twenty hashes", async () => {
  await using desk = await openDesk();
  await addUser(desk, "alice");
  const codes = new Map<string | undefined, number>();
  for (let i = 0; i < 100; i++) {
    const tries = Array.from({ length: 100 }, (_, j) => signIn(desk, `user${j % 50}`, `wrong ${i} ${j}`));
    for (const { code } of await Promise.all(tries)) codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  assert.equal(desk.hashed.length, 20);
  assert.deepEqual(
    codes,
    new Map([
      ["unauthenticated", 20],
      ["too-many-attempts", 9_980],
    ]),
  );
});

test("a valid user who signed in before never waits behind attackers, and costs no hash", async () => {
  await using desk = await openDesk({ concurrent: 1 });
  await addUser(desk, "alice");
  assert.equal((await signIn(desk, "alice", passwordOf("alice"))).name, "alice");
  const attack = Array.from({ length: 20 }, (_, i) => signIn(desk, `user${i}`, "wrong password"));
  const before = desk.hashed.length;
  let attackEnded = false;
  const all = Promise.all(attack).then(() => (attackEnded = true));
  for (let i = 0; i < 50; i++) assert.equal((await signIn(desk, "alice", passwordOf("alice"))).name, "alice");
  assert.equal(attackEnded, false, "all of alice's came while the line was full");
  await all;
  assert.ok(desk.hashed.length - before <= 20);
});

test("a remembered password is forgotten five minutes after its last use, and with every change of the password", async () => {
  await using desk = await openDesk();
  await addUser(desk, "alice");
  const cost = async (password: string) => {
    const before = desk.hashed.length;
    const answer = await signIn(desk, "alice", password);
    return answer.name === "alice" ? desk.hashed.length - before : answer.code;
  };
  assert.equal(await cost(passwordOf("alice")), 1);
  desk.time.now += 4 * 60_000;
  assert.equal(await cost(passwordOf("alice")), 0);
  desk.time.now += 4 * 60_000;
  assert.equal(await cost(passwordOf("alice")), 0);
  desk.time.now += 5 * 60_000;
  assert.equal(await cost(passwordOf("alice")), 1);
  const account = await desk.metadata.accounts.byName("alice");
  const by = {
    actorId: undefined,
    actor: "x",
    kind: "operator",
    address: "",
    request: "",
    rule: "",
  } as const;
  const passwordHash = await hashPassword("a new password");
  await desk.metadata.accounts.change(account?.id ?? 0, { passwordHash }, by, desk.time.now);
  assert.equal(await cost(passwordOf("alice")), "unauthenticated");
  assert.equal(await cost("a new password"), 1);
});

test("a burst of equal first logins is one attempt and one hash", async () => {
  await using desk = await openDesk({ concurrent: 1 });
  await addUser(desk, "alice");
  const burst = Array.from({ length: 40 }, () => signIn(desk, "alice", passwordOf("alice")));
  for (const { name } of await Promise.all(burst)) assert.equal(name, "alice");
  assert.equal(desk.hashed.length, 1);
});

test("the line is bounded: beyond it the answer is to try again", async () => {
  const checks = createPasswordChecks({
    concurrent: 1,
    verify: createQuietVerifier(1).verify,
    clock: Date.now,
  });
  const hash = "$2b$04$" + "a".repeat(53);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 300 }, (_, i) => checks.check("account:1", hash, `wrong ${i}`)),
  );
  const refused = outcomes.filter(({ status }) => status === "rejected");
  assert.equal(refused.length, 300 - 257);
  for (const { reason } of refused as PromiseRejectedResult[])
    assert.deepEqual([reason.code, reason.retryAfter], ["too-many-attempts", 1]);
  assert.equal(await checks.check("account:1", hash, "after the rush"), false);
});
