import assert from "node:assert/strict";
import { test } from "node:test";
import { ensureAdmin } from "#auth/accounts.ts";
import { addUser, openDesk, operator, passwordOf, signIn } from "./sign-in-desk.ts";

test("no default account: a new registry has nobody, and the usual passwords are wrong", async () => {
  await using desk = await openDesk();
  assert.deepEqual(await desk.manage.users.list(operator, { limit: 9, last: undefined }), []);
  for (const [name, password] of [
    ["admin", "admin"],
    ["admin", "password"],
    ["root", "root"],
    ["berth", "berth"],
  ] as const)
    assert.equal((await signIn(desk, name, password, `192.0.2.${name.length}`)).code, "unauthenticated");
});

test("the first admin comes from the password file, once", async () => {
  await using desk = await openDesk();
  const { accounts } = desk.metadata;
  assert.equal(await ensureAdmin(accounts, "admin", "from the secret file"), true);
  assert.equal((await desk.credentials.check("admin", "from the secret file", "")).identity.admin, true);
  assert.equal(await ensureAdmin(accounts, "admin", "another secret file"), false, "there is one");
  assert.equal(await ensureAdmin(accounts, "second", "another secret file"), false);
  assert.equal((await signIn(desk, "admin", "another secret file")).code, "unauthenticated");
});

test("the first admin obeys the rules for passwords, and takes nobody's name", async () => {
  await using desk = await openDesk();
  const { accounts } = desk.metadata;
  await assert.rejects(ensureAdmin(accounts, "admin", "short"), { code: "account-invalid" });
  await addUser(desk, "admin");
  await assert.rejects(ensureAdmin(accounts, "admin", "from the secret file"), {
    code: "account-exists",
    message: /berth user promote admin/,
  });
  assert.equal((await signIn(desk, "admin", passwordOf("admin"))).name, "admin");
});
