import assert from "node:assert/strict";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { openSqliteWriter } from "#adapters/sqlite/writer.ts";
import { migrate } from "#adapters/sqlite/migrate.ts";
import { migrationsFolder } from "#app/open/storage.ts";
import { backUp, openPlaces, restore, verify } from "./places.ts";

test("a database of an older Berth is backed up as it is, and brought up to date by a restore", async () => {
  await using places = await openPlaces();
  const [old, older, data] = [places.path("migrations"), places.path("older"), places.path("data")];
  await cp(migrationsFolder, old, { recursive: true });
  for (const name of await readdir(old)) if (!/^000[12]-/.test(name)) await rm(join(old, name));
  await mkdir(older);
  const db = new Database(join(older, "berth.db"));
  db.pragma("journal_mode = WAL");
  migrate(db, old);
  db.close();
  const versions = (path: string) => {
    using closed = new DisposableStack();
    const opened = closed.adopt(new Database(path, { readonly: true }), (each) => void each.close());
    return opened.prepare("SELECT count(*) FROM schema_migrations").pluck().get();
  };
  await backUp(older, places.path("one.db"), "--blobs", places.path("blobs"));
  assert.deepEqual([versions(join(older, "berth.db")), versions(places.path("one.db"))], [2, 2]);
  await restore(data, places.path("one.db"), "--blobs", places.path("blobs"));
  assert.ok(Number(versions(join(data, "berth.db"))) > 2);
  openSqliteWriter({ path: join(data, "berth.db"), migrations: migrationsFolder })[Symbol.dispose]();
  assert.equal((await verify(data)).code, 0);
});
