import assert from "node:assert/strict";
import { writeFile, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { openEngineRecords } from "#adapters/engine-records/engine-records.ts";
import { freshFolder, volume } from "./records-place.ts";

test("a file that is no database is refused with what to do", async (t) => {
  const folder = await freshFolder(t);
  await writeFile(join(folder, "engine.db"), "no database at all ".repeat(1000));
  await assert.rejects(
    openEngineRecords(folder),
    /engine\.db.*damaged.*Restore it from a backup, or move it away/,
  );
  await rm(join(folder, "engine.db"));
  await using again = await openEngineRecords(folder);
  assert.deepEqual(await again.volumes.all(), []);
});

test("a torn page is told when the engine opens the database", async (t) => {
  const folder = await freshFolder(t);
  {
    await using records = await openEngineRecords(folder);
    for (let i = 0; i < 40; i++)
      await records.volumes.put(volume(`v${i}`, { long: "x".repeat(2000) }), false);
  }
  const path = join(folder, "engine.db");
  const bytes = await readFile(path);
  bytes.fill(0xff, bytes.length - 4096 * 8, bytes.length - 4096 * 4);
  await writeFile(path, bytes);
  await assert.rejects(openEngineRecords(folder), { code: "storage-failed", message: /damaged/ });
});

test("a record that is no JSON is named", async (t) => {
  const folder = await freshFolder(t);
  {
    await using records = await openEngineRecords(folder);
    await records.volumes.put(volume("broken"), false);
  }
  change(folder, "UPDATE volumes SET document = '{'");
  await using records = await openEngineRecords(folder);
  await assert.rejects(records.volumes.all(), /engine\.db, volumes, broken: the database is damaged/);
});

test("a newer Berth's records are refused by their version, and left as they are", async (t) => {
  const folder = await freshFolder(t);
  await (await openEngineRecords(folder))[Symbol.asyncDispose]();
  change(folder, "PRAGMA user_version = 99");
  await assert.rejects(
    openEngineRecords(folder),
    /written by a newer Berth: they have version 99, and this Berth knows/,
  );
  change(folder, "PRAGMA user_version = 2");
  await (await openEngineRecords(folder))[Symbol.asyncDispose]();
});

test("another program's database is refused and left as it is", async (t) => {
  const folder = await freshFolder(t);
  change(folder, "CREATE TABLE theirs (x)");
  await assert.rejects(openEngineRecords(folder), /isn't one of the engine/);
  change(folder, "INSERT INTO theirs VALUES (1)");
});

test("two engines never have one folder", async (t) => {
  const folder = await freshFolder(t);
  await using first = await openEngineRecords(folder);
  await assert.rejects(openEngineRecords(folder), {
    code: "unavailable",
    message: `Another engine (process ${process.pid}) has the data folder ${folder}. Stop it, or name another folder (engine.data).`,
  });
  await first[Symbol.asyncDispose]();
  await (await openEngineRecords(folder))[Symbol.asyncDispose]();
});

function change(folder: string, sql: string): void {
  const db = new Database(join(folder, "engine.db"));
  db.exec(sql);
  db.close();
}
