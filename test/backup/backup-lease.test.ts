import assert from "node:assert/strict";
import { test } from "node:test";
import { holdBackupLease } from "#app/verbs/backup-lease.ts";
import { openOperatorMetadata } from "#app/open/operator-metadata.ts";
import { backupLeases } from "#core/metadata/lease-names.ts";
import { startBerth } from "../harness/berth.ts";
import { defaultConfig } from "../harness/default-config.ts";

test("a backup's lease lasts over a new start of the server, and ends with the backup", async () => {
  await using server = await startBerth();
  await using metadata = await openOperatorMetadata(defaultConfig(server.data));
  const { leases } = metadata;
  {
    await using held = await holdBackupLease(leases);
    const names = await leases.held(backupLeases);
    assert.equal(names.length, 1);
    await leases.take("upkeep", "the server that ends", 60_000);
    await server.restart();
    assert.deepEqual(await leases.held(""), names, "what the server held itself is over");
    assert.ok(!held.signal.aborted);
    await using other = await holdBackupLease(leases);
    assert.equal((await leases.held(backupLeases)).length, 2);
    assert.ok(!other.signal.aborted);
  }
  assert.deepEqual(await leases.held(backupLeases), []);
});
