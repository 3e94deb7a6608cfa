import assert from "node:assert/strict";
import { test } from "node:test";
import { openConnection } from "#adapters/sqlite/connection.ts";
import { groupCommit } from "#adapters/sqlite/group-commit.ts";
import { createSqliteMetadata } from "#adapters/sqlite/metadata.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { openSqliteWriter } from "#adapters/sqlite/writer.ts";
import { backupLeases } from "#core/metadata/lease-names.ts";
import type { Lease } from "#core/metadata/leases.ts";
import { migrations, tempFolder } from "./temp-folder.ts";

const long = 3_600_000;

test("a writer that begins ends the leases of the one before, and their fences go on growing", async () => {
  using folder = tempFolder();
  const path = folder.file("metadata.db");
  const fences: (number | undefined)[] = [];
  for (const holder of ["first", "second", "third"]) {
    // Nothing is given back, as in a crash.
    await using metadata = await openSqliteMetadata({ path, migrationsDir: migrations });
    assert.deepEqual(await metadata.leases.held(""), []);
    fences.push((await metadata.leases.take("upkeep", holder, long))?.fence);
  }
  assert.deepEqual(fences, [1, 2, 3]);
});

test("a backup's lease is a command's, and outlives the server", async () => {
  using folder = tempFolder();
  const path = folder.file("metadata.db");
  const name = `${backupLeases}one`;
  const taken: (Lease | undefined)[] = [];
  for (let i = 0; i < 2; i++) {
    await using metadata = await openSqliteMetadata({ path, migrationsDir: migrations });
    taken.push(await metadata.leases.take(name, "backup", long));
    assert.equal(await metadata.leases.take(name, "another", long), undefined);
    assert.deepEqual(await metadata.leases.held(backupLeases), [name]);
  }
  assert.ok(taken[0]);
  assert.deepEqual(taken[1], taken[0]);
});

test("what ended doesn't pile up", async () => {
  using folder = tempFolder();
  const path = folder.file("metadata.db");
  await using metadata = await openSqliteMetadata({ path, migrationsDir: migrations });
  for (let i = 0; i < 20; i++) {
    const lease = await metadata.leases.take(`${backupLeases}${i}`, "me", long);
    assert.equal(lease?.fence, i + 1);
    await metadata.leases.release(lease);
  }
  const db = openConnection(path, "read");
  try {
    assert.equal(db.prepare("SELECT count(*) FROM leases").pluck().get(), 1);
  } finally {
    db.close();
  }
});

test("another process sees what is held, and takes it through the writer", async () => {
  using folder = tempFolder();
  const path = folder.file("metadata.db");
  using writer = openSqliteWriter({ path, migrations });
  using commits = groupCommit(writer);
  await using one = createSqliteMetadata({ path, submit: commits.submit });
  // What crosses to the writer is plain data.
  await using other = createSqliteMetadata({ path, submit: (op) => commits.submit(structuredClone(op)) });
  const lease = await one.leases.take("gc", "one", long);
  assert.ok(lease);
  assert.deepEqual(await other.leases.held("g"), ["gc"]);
  assert.equal(await other.leases.take("gc", "other", long), undefined);
  await one.leases.release(lease);
  assert.equal((await other.leases.take("gc", "other", long))?.fence, 2);
});
