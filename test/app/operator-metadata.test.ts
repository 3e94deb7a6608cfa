import assert from "node:assert/strict";
import { test } from "node:test";
import { lockFolder } from "#adapters/sqlite/folder-lock.ts";
import { openOperatorMetadata } from "#app/open/operator-metadata.ts";
import type { AuditActor } from "#core/audit.ts";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { startBerth } from "../harness/berth.ts";
import { defaultConfig } from "../harness/default-config.ts";

const by: AuditActor = {
  actorId: undefined,
  actor: "operator",
  kind: "operator",
  address: "",
  request: "",
  rule: "",
};

test("a command changes metadata next to a running server, through its one writer", async () => {
  await using berth = await startBerth();
  await using metadata = await openOperatorMetadata(defaultConfig(berth.data));
  assert.equal(metadata.served, true);
  const names = Array.from({ length: 600 }, (_, i) => `group-${i}`);
  const added = await Promise.all(names.map((name) => metadata.accounts.addGroup(name, by, 1)));
  assert.deepEqual(new Set(added), new Set(["added"]));
  assert.equal((await metadata.accounts.groups()).length, 600);
  assert.equal(await metadata.accounts.addGroup("group-1", by, 1), "exists");
});

test("without a server the folder is the command's own meanwhile", async () => {
  using folder = tempFolder();
  {
    await using metadata = await openOperatorMetadata(defaultConfig(folder.path));
    assert.equal(metadata.served, false);
    assert.equal(await metadata.accounts.addGroup("a", by, 1), "added");
    assert.throws(() => lockFolder(folder.path), { code: "unavailable" });
  }
  lockFolder(folder.path)[Symbol.dispose]();
});

test("a command whose server went away fails in words", async () => {
  const berth = await startBerth();
  await using metadata = await openOperatorMetadata(defaultConfig(berth.data));
  await berth[Symbol.asyncDispose]();
  await assert.rejects(metadata.accounts.addGroup("a", by, 1), {
    code: "unavailable",
    message: /the server went away/,
  });
});
