import assert from "node:assert/strict";
import { test } from "node:test";
import { addUser, openDesk, operator, passwordOf, signIn, type Desk } from "./sign-in-desk.ts";

/** Signs in and gives what later asks whether a token from then is still good. */
async function token(desk: Desk, name: string, secret: string) {
  const { accountId, secretId } = await desk.credentials.check(name, secret, "192.0.2.1");
  assert.ok(accountId !== undefined);
  const issuedAt = desk.time.now;
  desk.time.now += 1;
  return () => desk.credentials.live(accountId, secretId, issuedAt);
}

test("a revoked user: disabling, a new password, logging out and removing end what is out, at once", async () => {
  await using desk = await openDesk();
  const { users } = desk.manage;
  await addUser(desk, "alice");
  const first = await token(desk, "alice", passwordOf("alice"));
  assert.equal((await first())?.name, "alice");
  await users.change(operator, "alice", { enabled: false });
  assert.equal(await first(), undefined);
  await users.change(operator, "alice", { enabled: true });
  assert.equal((await first())?.name, "alice");
  await users.passwd(operator, "alice", "another password", undefined);
  assert.equal(await first(), undefined);
  const second = await token(desk, "alice", "another password");
  assert.equal((await second())?.name, "alice");
  await users.change(operator, "alice", { endTokens: true });
  assert.equal(await second(), undefined);
  const third = await token(desk, "alice", "another password");
  await users.remove(operator, "alice");
  assert.equal(await third(), undefined);
  await addUser(desk, "alice");
  assert.equal(await third(), undefined, "a new alice is somebody else");
});

test("an expired user's tokens end with him, without any change", async () => {
  await using desk = await openDesk();
  const expiresAt = desk.time.now + 60_000;
  const password = passwordOf("temp");
  await desk.manage.users.add(operator, { name: "temp", password, admin: false, expiresAt });
  const issued = await token(desk, "temp", password);
  assert.equal((await issued())?.name, "temp");
  desk.time.now = expiresAt;
  assert.equal(await issued(), undefined);
  assert.equal((await signIn(desk, "temp", password)).code, "unauthenticated");
});

test("a revoked robot: its rights are those of now, and a new secret ends what came from the old one", async () => {
  await using desk = await openDesk();
  const { robots } = desk.manage;
  const rights = [{ repositories: "team/**", actions: ["pull", "push"] as const }];
  const { secret } = await robots.add(operator, { name: "ci", rights, expiresAt: undefined });
  const issued = await token(desk, "ci", secret);
  assert.deepEqual((await issued())?.rights, rights);
  assert.equal((await issued())?.id, `robot:${(await robots.get(operator, "ci")).id}`);
  await robots.change(operator, "ci", { rights: [] });
  assert.deepEqual((await issued())?.rights, []);
  const next = await robots.renewSecret(operator, "ci");
  assert.equal(await issued(), undefined);
  assert.equal((await signIn(desk, "ci", secret)).code, "unauthenticated");
  const again = await token(desk, "ci", next);
  await robots.change(operator, "ci", { enabled: false });
  assert.equal(await again(), undefined);
  await robots.remove(operator, "ci");
  assert.equal((await signIn(desk, "ci", next)).code, "unauthenticated");
});

test("a revoked group: whoever left, and whoever's group is gone, is out of it at once", async () => {
  await using desk = await openDesk();
  const { groups } = desk.manage;
  await addUser(desk, "alice");
  for (const name of ["dev", "ops"]) {
    await groups.add(operator, name);
    await groups.join(operator, name, "alice");
  }
  const issued = await token(desk, "alice", passwordOf("alice"));
  assert.deepEqual((await issued())?.groups, ["dev", "ops"]);
  await groups.leave(operator, "dev", "alice");
  assert.deepEqual((await issued())?.groups, ["ops"]);
  await groups.remove(operator, "ops");
  assert.deepEqual((await issued())?.groups, []);
});

test("a demoted admin is none any more, also with what he got before", async () => {
  await using desk = await openDesk();
  await addUser(desk, "root", true);
  await addUser(desk, "alice", true);
  const issued = await token(desk, "alice", passwordOf("alice"));
  assert.equal((await issued())?.admin, true);
  await desk.manage.users.change(operator, "alice", { admin: false });
  assert.equal((await issued())?.admin, false);
});

test("a removed or expired personal token ends what was issued from it, and nothing else", async () => {
  await using desk = await openDesk();
  const { tokens } = desk.manage;
  await addUser(desk, "alice");
  const limits = [{ repositories: "team/*", actions: ["pull"] as const }];
  const expiresAt = desk.time.now + 60_000;
  const one = await tokens.add(operator, "alice", { label: "laptop", limits, expiresAt: "never" });
  const two = await tokens.add(operator, "alice", { label: "phone", limits: undefined, expiresAt });
  assert.deepEqual((await desk.credentials.check("alice", one.secret, "")).limits, limits);
  const [first, second] = [await token(desk, "alice", one.secret), await token(desk, "alice", two.secret)];
  await tokens.remove(operator, one.token.id);
  assert.equal(await first(), undefined);
  assert.equal((await second())?.name, "alice");
  desk.time.now = expiresAt;
  assert.equal(await second(), undefined);
  assert.equal((await signIn(desk, "alice", two.secret)).code, "unauthenticated");
  assert.equal((await signIn(desk, "alice", passwordOf("alice"))).name, "alice");
});

test("a refresh token is no password", async () => {
  await using desk = await openDesk();
  await addUser(desk, "alice");
  assert.equal((await signIn(desk, "alice", `brt_${"x".repeat(43)}`)).code, "unauthenticated");
});
