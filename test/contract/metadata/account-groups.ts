import assert from "node:assert/strict";
import { test } from "node:test";
import { operator, robot, user } from "./account-content.ts";
import { added } from "./accounts.ts";
import type { Open } from "./content.ts";

export function accountGroupContract(open: Open): void {
  test("groups list their members, and accounts their groups, both sorted", async () => {
    await using metadata = await open();
    const { accounts } = metadata;
    const bob = await added(accounts, user("bob"));
    const ci = await added(accounts, robot("a-ci"));
    assert.equal(await accounts.addGroup("ops", operator, 5), "added");
    assert.equal(await accounts.addGroup("dev", operator, 6), "added");
    assert.equal(await accounts.addGroup("dev", operator, 7), "exists");
    for (const group of ["ops", "dev"]) assert.equal(await accounts.join(group, bob, operator, 8), "joined");
    assert.equal(await accounts.join("dev", ci, operator, 8), "joined");
    assert.equal(await accounts.join("dev", ci, operator, 8), "joined", "a second time is no error");
    assert.equal(await accounts.join("qa", ci, operator, 8), "no-group");
    assert.equal(await accounts.join("dev", 999, operator, 8), "no-account");
    assert.deepEqual(await accounts.groups(), [
      { name: "dev", members: ["a-ci", "bob"], createdAt: 6 },
      { name: "ops", members: ["bob"], createdAt: 5 },
    ]);
    assert.deepEqual((await accounts.byId(bob))?.groups, ["dev", "ops"]);
  });

  test("whoever leaves, and a removed group, is out at once", async () => {
    await using metadata = await open();
    const { accounts } = metadata;
    const bob = await added(accounts, user("bob"));
    for (const group of ["dev", "ops"]) {
      await accounts.addGroup(group, operator, 1);
      await accounts.join(group, bob, operator, 1);
    }
    assert.equal(await accounts.leave("dev", bob, operator, 2), true);
    assert.equal(await accounts.leave("dev", bob, operator, 2), false);
    assert.equal(await accounts.leave("qa", bob, operator, 2), false);
    assert.equal(await accounts.removeGroup("ops", operator, 2), true);
    assert.equal(await accounts.removeGroup("ops", operator, 2), false);
    assert.deepEqual((await accounts.byId(bob))?.groups, []);
    await accounts.addGroup("ops", operator, 3);
    assert.deepEqual((await accounts.byId(bob))?.groups, [], "a new group of that name is empty");
  });
}
