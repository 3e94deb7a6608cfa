import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import Database from "better-sqlite3";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { openSqliteWriter } from "#adapters/sqlite/writer.ts";
import { migrations, tempFolder } from "./temp-folder.ts";

const refused = (message: RegExp) => ({ name: "AppError", code: "storage-failed", message });

/** A folder with the project's migrations and some more. */
function withMore(folder: string, more: Record<string, string>): string {
  const directory = join(folder, "migrations");
  mkdirSync(directory, { recursive: true });
  for (const file of readdirSync(migrations)) copyFileSync(new URL(file, migrations), join(directory, file));
  for (const [file, sql] of Object.entries(more)) writeFileSync(join(directory, file), sql);
  return directory;
}

function rows(path: string, sql: string): unknown[] {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare(sql).pluck().all();
  } finally {
    db.close();
  }
}

test("migrations are applied once each, in order, and recorded", () => {
  using folder = tempFolder();
  const path = folder.file("metadata.db");
  openSqliteWriter({ path, migrations })[Symbol.dispose]();
  const directory = withMore(folder.path, {
    "9002-second.sql": "INSERT INTO extra VALUES (2);",
    "9001-first.sql": "CREATE TABLE extra (n INTEGER);",
    "README.md": "not a migration",
  });
  for (let i = 0; i < 2; i++) {
    openSqliteWriter({ path, migrations: pathToFileURL(`${directory}/`) })[Symbol.dispose]();
    assert.deepEqual(rows(path, "SELECT n FROM extra"), [2]);
    assert.deepEqual(rows(path, "SELECT name FROM schema_migrations ORDER BY version").slice(-2), [
      "first",
      "second",
    ]);
  }
});

test("a migration that fails leaves nothing of itself behind", () => {
  using folder = tempFolder();
  const path = folder.file("metadata.db");
  const directory = withMore(folder.path, {
    "9001-good.sql": "CREATE TABLE good (n INTEGER);",
    "9002-bad.sql": "CREATE TABLE half (n INTEGER); INSERT INTO nowhere VALUES (1);",
  });
  assert.throws(() => openSqliteWriter({ path, migrations: directory }), refused(/nowhere/));
  assert.deepEqual(rows(path, "SELECT name FROM sqlite_schema WHERE name IN ('good', 'half')"), ["good"]);
  assert.deepEqual(rows(path, "SELECT max(version) FROM schema_migrations"), [9001]);
});

test("a migration can't end the transaction that it runs in", () => {
  using folder = tempFolder();
  const directory = withMore(folder.path, { "9001-ends.sql": "CREATE TABLE t (n INTEGER); COMMIT;" });
  assert.throws(
    () => openSqliteWriter({ path: folder.file("m.db"), migrations: directory }),
    refused(/transaction/),
  );
});

test("a database from a newer Berth is refused, with what to do", async () => {
  using folder = tempFolder();
  const path = folder.file("metadata.db");
  const directory = withMore(folder.path, { "9001-future.sql": "CREATE TABLE future (n INTEGER);" });
  openSqliteWriter({ path, migrations: directory })[Symbol.dispose]();
  await assert.rejects(
    openSqliteMetadata({ path, migrationsDir: migrations }),
    refused(/newer Berth.*9001.*future.*backup/s),
  );
  assert.deepEqual(rows(path, "SELECT max(version) FROM schema_migrations"), [9001]);
});

test("a file that isn't a database, a cut one and a foreign one are refused and left alone", async () => {
  using folder = tempFolder();
  const text = folder.file("text.db");
  writeFileSync(text, "This is no database. ".repeat(1000));
  await assert.rejects(
    openSqliteMetadata({ path: text, migrationsDir: migrations }),
    refused(/damaged.*backup/s),
  );

  const cut = folder.file("cut.db");
  openSqliteWriter({ path: cut, migrations })[Symbol.dispose]();
  truncateSync(cut, 5000);
  await assert.rejects(
    openSqliteMetadata({ path: cut, migrationsDir: migrations }),
    refused(/damaged.*backup/s),
  );

  const foreign = folder.file("foreign.db");
  const db = new Database(foreign);
  db.exec("CREATE TABLE theirs (n INTEGER)");
  db.close();
  await assert.rejects(
    openSqliteMetadata({ path: foreign, migrationsDir: migrations }),
    refused(/another program/),
  );
  assert.deepEqual(rows(foreign, "SELECT name FROM sqlite_schema"), ["theirs"]);
});

test("a folder that isn't there is named", async () => {
  using folder = tempFolder();
  const path = join(folder.path, "nowhere", "metadata.db");
  await assert.rejects(openSqliteMetadata({ path, migrationsDir: migrations }), refused(/nowhere/));
  await assert.rejects(
    openSqliteMetadata({ path: folder.file("m.db"), migrationsDir: join(folder.path, "none") }),
    refused(/none/),
  );
});
