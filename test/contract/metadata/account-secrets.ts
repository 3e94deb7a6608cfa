import assert from "node:assert/strict";
import { test } from "node:test";
import { operator, robot, secret, user } from "./account-content.ts";
import { added } from "./accounts.ts";
import type { Open } from "./content.ts";

export function accountSecretContract(open: Open): void {
  test("a secret is found by its hash and its id as it was added", async () => {
    await using metadata = await open();
    const { accounts } = metadata;
    const id = await added(accounts);
    const limits = [{ repositories: "team/*", actions: ["pull"] as const }];
    const one = secret(id, "h1", { limits, expiresAt: 77 });
    const oneId = await accounts.addSecret(one, operator, 5);
    assert.ok(typeof oneId === "number");
    assert.deepEqual(await accounts.secret("h1"), { ...one, id: oneId, createdAt: 5 });
    assert.deepEqual(await accounts.secretById(oneId), await accounts.secret("h1"));
    assert.equal(await accounts.secret("h2"), undefined);
    assert.equal(await accounts.addSecret(secret(999, "h2"), operator, 5), "no-account");
    await accounts.addSecret(secret(id, "h3", { kind: "refresh" }), operator, 6);
    assert.deepEqual(
      (await accounts.secrets(id)).map(({ hash }) => hash),
      ["h3", "h1"],
    );
  });

  test("a removed secret is gone, once", async () => {
    await using metadata = await open();
    const { accounts } = metadata;
    const id = await accounts.addSecret(secret(await added(accounts), "h"), operator, 1);
    assert.ok(typeof id === "number");
    assert.deepEqual(
      [await accounts.removeSecret(id, operator, 1), await accounts.removeSecret(id, operator, 1)],
      [true, false],
    );
    assert.equal(await accounts.secretById(id), undefined);
  });

  test("a robot's new secret ends its old one", async () => {
    await using metadata = await open();
    const { accounts } = metadata;
    const ci = await added(accounts, robot("ci"));
    const other = await added(accounts, robot("other"));
    await accounts.addSecret(secret(other, "o", { kind: "robot" }), operator, 1);
    for (const hash of ["h1", "h2"])
      await accounts.addSecret(secret(ci, hash, { kind: "robot" }), operator, 1);
    assert.equal(await accounts.secret("h1"), undefined);
    assert.equal((await accounts.secret("h2"))?.accountId, ci);
    assert.equal((await accounts.secret("o"))?.accountId, other);
  });

  test("secrets that expired before a time are dropped; others stay", async () => {
    await using metadata = await open();
    const { accounts } = metadata;
    const id = await added(accounts, user("alice"));
    for (const [hash, expiresAt] of [
      ["a", 10],
      ["b", 20],
      ["c", undefined],
    ] as const)
      await accounts.addSecret(secret(id, hash, { expiresAt }), operator, 1);
    assert.equal(await accounts.dropExpiredSecrets(20), 1);
    assert.deepEqual(
      (await accounts.secrets(id)).map(({ hash }) => hash),
      ["c", "b"],
    );
  });
}
