import assert from "node:assert/strict";
import { test } from "node:test";
import type { Accounts } from "#core/metadata/accounts.ts";
import { operator, robot, secret, user } from "./account-content.ts";
import type { Open } from "./content.ts";

export async function added(accounts: Accounts, account = user("alice")): Promise<number> {
  const id = await accounts.add(account, operator, 1000);
  assert.ok(typeof id === "number");
  return id;
}

export function accountContract(open: Open): void {
  test("an account is found by name and id as it was added", async () => {
    await using metadata = await open();
    const { accounts } = metadata;
    assert.equal(await accounts.hasAdmin(), false, "there is no account to begin with");
    assert.deepEqual(await accounts.list("user", { limit: 10, last: undefined }), []);
    const alice = user("alice", { admin: true, expiresAt: 5000 });
    const id = await added(accounts, alice);
    const whole = { ...alice, id, enabled: true, createdAt: 1000, groups: [], tokensFrom: 1000 };
    assert.deepEqual(await accounts.byName("alice"), whole);
    assert.deepEqual(await accounts.byId(id), whole);
    const ci = robot("ci");
    const robotId = await added(accounts, ci);
    assert.deepEqual((await accounts.byId(robotId))?.rights, ci.rights);
    assert.equal((await accounts.byId(robotId))?.passwordHash, undefined);
    assert.equal(await accounts.byName("bob"), undefined);
    assert.equal(await accounts.byId(id + 1000), undefined);
    assert.equal(await accounts.hasAdmin(), true);
  });

  test("users and robots share one namespace, also among many adds at once", async () => {
    await using metadata = await open();
    const { accounts } = metadata;
    const all = [user("x"), robot("x"), user("x"), robot("y")];
    const ids = await Promise.all(all.map((account) => accounts.add(account, operator, 1)));
    const [y, ...x] = ids.reverse();
    assert.notEqual(y, "exists");
    assert.equal(x.filter((id) => id === "exists").length, 2, "one of them, whichever comes first");
  });

  test("a change changes what is given and nothing else", async () => {
    await using metadata = await open();
    const { accounts } = metadata;
    await added(accounts, user("root", { admin: true }));
    const id = await added(accounts, user("alice", { expiresAt: 9 }));
    const before = await accounts.byId(id);
    const changed = async (change: Parameters<Accounts["change"]>[1]) => {
      assert.equal(await accounts.change(id, change, operator, 2000), true);
      return accounts.byId(id);
    };
    assert.deepEqual(await changed({ enabled: false }), { ...before, enabled: false });
    assert.deepEqual(await changed({ enabled: true, admin: true }), { ...before, admin: true });
    const rights = [{ repositories: "a/*", actions: ["pull"] as const }];
    assert.deepEqual(await changed({ admin: false, rights }), { ...before, rights });
    assert.deepEqual(await changed({ expiresAt: undefined, rights: [] }), {
      ...before,
      expiresAt: undefined,
    });
    assert.equal(await accounts.change(id + 1000, { enabled: false }, operator, 1), false);
  });

  test("a new password, and ending tokens, moves tokensFrom and removes refresh tokens only", async () => {
    await using metadata = await open();
    const { accounts } = metadata;
    const id = await added(accounts);
    const kinds = async () => (await accounts.secrets(id)).map(({ kind }) => kind);
    for (const [now, change] of [
      [2000, { passwordHash: "new" }],
      [3000, { endTokens: true }],
    ] as const) {
      await accounts.addSecret(secret(id, `refresh ${now}`, { kind: "refresh" }), operator, 1);
      await accounts.addSecret(secret(id, `personal ${now}`), operator, 1);
      await accounts.change(id, change, operator, now);
      assert.equal((await accounts.byId(id))?.tokensFrom, now);
      assert.ok(!(await kinds()).includes("refresh"));
    }
    assert.deepEqual(await kinds(), ["personal", "personal"]);
    assert.equal((await accounts.byId(id))?.passwordHash, "new");
    await accounts.change(id, { endTokens: true }, operator, 2500);
    assert.equal((await accounts.byId(id))?.tokensFrom, 3000, "never moves back");
  });

  test("a removed account is gone with its secrets and memberships, and its id stays unused", async () => {
    await using metadata = await open();
    const { accounts } = metadata;
    const id = await added(accounts);
    await accounts.addGroup("dev", operator, 1);
    await accounts.join("dev", id, operator, 1);
    await accounts.addSecret(secret(id, "h1"), operator, 1);
    assert.equal(await accounts.remove(id, operator, 2), true);
    assert.equal(await accounts.remove(id, operator, 2), false);
    assert.equal(await accounts.byName("alice"), undefined);
    assert.equal(await accounts.secret("h1"), undefined);
    assert.deepEqual(await accounts.groups(), [{ name: "dev", members: [], createdAt: 1 }]);
    assert.ok((await added(accounts)) > id, "a new account of that name is another one");
  });

  test("the last admin who can always sign in stays", async () => {
    await using metadata = await open();
    const { accounts } = metadata;
    const one = await added(accounts, user("one", { admin: true }));
    const two = await added(accounts, user("two", { admin: true }));
    await added(accounts, user("leaving", { admin: true, expiresAt: 9_000 }));
    const outcomes = await Promise.all([
      accounts.change(one, { admin: false }, operator, 1),
      accounts.remove(two, operator, 1),
    ]);
    assert.deepEqual(outcomes, [true, "last-admin"]);
    assert.equal(await accounts.change(two, { enabled: false }, operator, 1), "last-admin");
    assert.equal(await accounts.change(two, { expiresAt: 5 }, operator, 1), "last-admin");
    assert.equal(await accounts.change(two, { passwordHash: "new" }, operator, 1), true);
    assert.equal(await accounts.change(one, { admin: true }, operator, 1), true);
    assert.equal(await accounts.remove(two, operator, 1), true);
  });

  test("accounts are listed by name, page by page, each kind by itself", async () => {
    await using metadata = await open();
    const { accounts } = metadata;
    for (const name of ["b", "a", "a-b", "a1", "c"]) await added(accounts, user(name));
    await added(accounts, robot("bot"));
    const names: string[] = [];
    for (let i = 0; i < 9; i++) {
      const page = await accounts.list("user", { limit: 2, last: names.at(-1) });
      if (page.length === 0) break;
      names.push(...page.map(({ name }) => name));
    }
    assert.deepEqual(names, ["a", "a-b", "a1", "b", "c"]);
    assert.equal((await accounts.list("robot", { limit: 9, last: undefined })).length, 1);
  });

  test("each change raises the version, and what changed nothing doesn't", async () => {
    await using metadata = await open();
    const { accounts } = metadata;
    let version = await accounts.version();
    const raises = async (what: string, expected: boolean, work: Promise<unknown>) => {
      await work;
      const now = await accounts.version();
      assert.equal(now > version, expected, what);
      version = now;
    };
    const id = await added(accounts);
    version = await accounts.version();
    await raises("taken name", false, accounts.add(user("alice"), operator, 1));
    await raises("change", true, accounts.change(id, { enabled: false }, operator, 1));
    await raises("nobody's change", false, accounts.change(99, { enabled: false }, operator, 1));
    await raises("group", true, accounts.addGroup("dev", operator, 1));
    await raises("taken group", false, accounts.addGroup("dev", operator, 1));
    await raises("join", true, accounts.join("dev", id, operator, 1));
    await raises("join again", false, accounts.join("dev", id, operator, 1));
    await raises("secret", true, accounts.addSecret(secret(id, "h", { expiresAt: 10 }), operator, 1));
    await raises("nothing expired", false, accounts.dropExpiredSecrets(10));
    await raises("expired", true, accounts.dropExpiredSecrets(11));
    await raises("leave", true, accounts.leave("dev", id, operator, 1));
    await raises("remove", true, accounts.remove(id, operator, 1));
    await raises("remove again", false, accounts.remove(id, operator, 1));
  });

  test("each change writes its audit row, with who did it and without any secret", async () => {
    await using metadata = await open();
    const { accounts, audit } = metadata;
    const id = await added(accounts);
    await accounts.change(id, { passwordHash: "new hash" }, operator, 1001);
    await accounts.addGroup("dev", operator, 1002);
    await accounts.join("dev", id, operator, 1003);
    const secretId = await accounts.addSecret(secret(id, "some hash"), operator, 1004);
    assert.ok(typeof secretId === "number");
    await accounts.removeSecret(secretId, operator, 1005);
    await accounts.leave("dev", id, operator, 1006);
    await accounts.removeGroup("dev", operator, 1007);
    await accounts.remove(id, operator, 1008);
    const rows = await audit.list({}, 0, 100);
    assert.deepEqual(
      rows.map(({ action, subject, at }) => [action, subject, at]),
      [
        ["account-added", "alice", 1000],
        ["account-changed", "alice", 1001],
        ["group-added", "dev", 1002],
        ["group-changed", "dev: alice joined", 1003],
        ["secret-added", "alice", 1004],
        ["secret-removed", "alice", 1005],
        ["group-changed", "dev: alice left", 1006],
        ["group-removed", "dev", 1007],
        ["account-removed", "alice", 1008],
      ],
    );
    for (const row of rows)
      assert.deepEqual({ actor: row.actor, rule: row.rule }, { actor: "operator", rule: "control socket" });
    assert.ok(!JSON.stringify(rows).includes("hash"));
  });
}
