import assert from "node:assert/strict";
import { test } from "node:test";
import { addUser, openDesk, operator, passwordOf, signIn } from "./sign-in-desk.ts";

test("after five wrong passwords the right one has to wait, and is told how long", async () => {
  await using desk = await openDesk();
  await addUser(desk, "alice");
  for (let i = 0; i < 5; i++)
    assert.equal((await signIn(desk, "alice", `wrong ${i}`)).code, "unauthenticated");
  const late = await signIn(desk, "alice", passwordOf("alice"));
  assert.deepEqual([late.code, late.retryAfter], ["too-many-attempts", 1]);
  assert.equal(
    (await signIn(desk, "alice", passwordOf("alice"), "192.0.2.2")).name,
    "alice",
    "nobody is locked out",
  );
  desk.time.now += 1_000;
  assert.equal((await signIn(desk, "alice", passwordOf("alice"))).name, "alice");
});

test("unknown names are delayed like known ones", async () => {
  await using desk = await openDesk();
  await addUser(desk, "alice");
  for (const name of ["alice", "nobody"]) {
    const answers = [];
    for (let i = 0; i < 7; i++) answers.push((await signIn(desk, name, `wrong ${i}`)).code);
    assert.deepEqual(answers, [
      ...Array<string>(5).fill("unauthenticated"),
      "too-many-attempts",
      "too-many-attempts",
    ]);
  }
});

test("wrong secrets count as wrong passwords do; a right one is never delayed", async () => {
  await using desk = await openDesk();
  const robot = { name: "ci", rights: [], expiresAt: "never" } as const;
  const { secret } = await desk.manage.robots.add(operator, robot);
  const wrong = `brs_${"x".repeat(43)}`;
  for (let i = 0; i < 5; i++) assert.equal((await signIn(desk, "ci", wrong)).code, "unauthenticated");
  assert.equal((await signIn(desk, "ci", wrong)).code, "too-many-attempts");
  assert.equal((await signIn(desk, "ci", secret)).name, "ci");
});

test("addresses of one IPv6 network are one client", async () => {
  await using desk = await openDesk();
  for (let i = 0; i < 5; i++) {
    const { code } = await signIn(desk, "alice", `wrong ${i}`, `2001:db8:0:1::${i + 1}`);
    assert.equal(code, "unauthenticated");
  }
  assert.equal((await signIn(desk, "alice", "x", "2001:db8:0:1:ffff::1")).code, "too-many-attempts");
  assert.equal((await signIn(desk, "alice", "x", "2001:db8:0:2::1")).code, "unauthenticated");
});
