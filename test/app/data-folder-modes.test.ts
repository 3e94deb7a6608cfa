import assert from "node:assert/strict";
import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startBerth, type TestBerth } from "../harness/berth.ts";

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

async function databaseModes({ data }: TestBerth): Promise<string[]> {
  return Promise.all(["berth.db", "berth.db-wal", "berth.db-shm"].map((name) => modeOf(join(data, name))));
}

test("the database is its owner's alone, whatever the umask", async () => {
  const umask = process.umask(0);
  try {
    await using berth = await startBerth();
    assert.deepEqual(await databaseModes(berth), ["600", "600", "600"]);
    assert.equal(await modeOf(berth.data), "700");
  } finally {
    process.umask(umask);
  }
});

test("one that was readable before is closed at the next start", async () => {
  await using berth = await startBerth();
  for (const name of ["berth.db", "berth.db-wal", "berth.db-shm"]) await chmod(join(berth.data, name), 0o644);
  await berth.restart();
  assert.deepEqual(await databaseModes(berth), ["600", "600", "600"]);
});

test("with x_accel_redirect the group passes through the data folder, but can't list it or read the database", async () => {
  await using berth = await startBerth({ storage: { disk: { x_accel_redirect: "/berth-blobs/" } } });
  assert.equal(await modeOf(berth.data), "710");
  assert.equal(await modeOf(join(berth.data, "storage")), "710");
  assert.equal(await modeOf(join(berth.data, "storage", "uploads")), "700");
  assert.deepEqual(await databaseModes(berth), ["600", "600", "600"]);
});
