import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { openPostgresMetadata } from "#adapters/postgres/open.ts";
import {
  needsPostgres,
  startPostgres,
  type TestDatabase,
  type TestPostgres,
} from "../../harness/postgres.ts";
import { tempFolder } from "../sqlite/temp-folder.ts";
import { migrations, openOn } from "./place.ts";

const refused = (message: RegExp) => ({ name: "AppError", code: "storage-failed", message });

/** A folder with the project's migrations and some more. */
function withMore(folder: string, more: Record<string, string>): string {
  const directory = join(folder, "migrations");
  mkdirSync(directory, { recursive: true });
  for (const file of readdirSync(migrations)) copyFileSync(new URL(file, migrations), join(directory, file));
  for (const [file, sql] of Object.entries(more)) writeFileSync(join(directory, file), sql);
  return directory;
}

async function open(database: TestDatabase, migrationsDir: string | URL): Promise<void> {
  const metadata = await openPostgresMetadata({ url: database.url, pool: 2, migrationsDir });
  await metadata[Symbol.asyncDispose]();
}

const applied = async (database: TestDatabase) =>
  (await database.sql<{ name: string }>("SELECT name FROM schema_migrations ORDER BY version")).map(
    ({ name }) => name,
  );

describe("migrations of PostgreSQL", needsPostgres(), () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  test("are applied once each, in order, and recorded", async () => {
    using folder = tempFolder();
    const database = await server.database();
    await open(database, migrations);
    const directory = withMore(folder.path, {
      "9002-second.sql": "INSERT INTO extra VALUES (2);",
      "9001-first.sql": "CREATE TABLE extra (n INTEGER);",
      "README.md": "not a migration",
    });
    for (let i = 0; i < 2; i++) await open(database, directory);
    assert.deepEqual(await database.sql("SELECT n FROM extra"), [{ n: 2 }]);
    assert.deepEqual((await applied(database)).slice(-2), ["first", "second"]);
  });

  test("of three processes that start together one migrates, and all can serve", async () => {
    using folder = tempFolder();
    const database = await server.database();
    // Slow, and fails where it is run twice.
    const directory = withMore(folder.path, {
      "9001-slow.sql": "SELECT pg_sleep(0.5); CREATE TABLE once (n INTEGER); INSERT INTO once VALUES (1);",
    });
    const program = `
      const { openPostgresMetadata } = await import("#adapters/postgres/open.ts");
      const [url, migrationsDir] = process.argv.slice(1);
      await using metadata = await openPostgresMetadata({ url, pool: 2, migrationsDir });
      await metadata.check();
      console.log("served");`;
    const args = ["--conditions=berth-src", "--input-type=module", "-e", program, database.url, directory];
    const cwd = new URL("../../../", import.meta.url);
    const runs = await Promise.all(
      [1, 2, 3].map(() => promisify(execFile)(process.execPath, args, { cwd, timeout: 60_000 })),
    );
    assert.deepEqual(
      runs.map(({ stdout }) => stdout),
      Array(3).fill("served\n"),
    );
    assert.deepEqual(await database.sql("SELECT n FROM once"), [{ n: 1 }]);
  });

  test("one that fails leaves nothing of itself behind", async () => {
    using folder = tempFolder();
    const database = await server.database();
    const directory = withMore(folder.path, {
      "9001-good.sql": "CREATE TABLE good (n INTEGER);",
      "9002-bad.sql": "CREATE TABLE half (n INTEGER); INSERT INTO nowhere VALUES (1);",
    });
    await assert.rejects(open(database, directory), refused(/nowhere/));
    const tables = await database.sql("SELECT relname FROM pg_class WHERE relname IN ('good', 'half')");
    assert.deepEqual(tables, [{ relname: "good" }]);
    assert.equal((await applied(database)).at(-1), "good");
  });

  test("one can't end the transaction that it runs in", async () => {
    using folder = tempFolder();
    const directory = withMore(folder.path, { "9001-ends.sql": "CREATE TABLE t (n INTEGER); COMMIT;" });
    await assert.rejects(open(await server.database(), directory), refused(/transaction/));
  });

  test("a database from a newer Berth, or whose schema was changed, is refused with what to do", async () => {
    using folder = tempFolder();
    const database = await server.database();
    const directory = withMore(folder.path, { "9001-future.sql": "CREATE TABLE future (n INTEGER);" });
    await open(database, directory);
    await assert.rejects(openOn(database), refused(/newer Berth.*9001.*future.*backup/s));
    withMore(folder.path, { "9001-future.sql": "CREATE TABLE future (n BIGINT);" });
    await assert.rejects(open(database, directory), refused(/schema 9001.*another text/));
    assert.equal((await applied(database)).at(-1), "future");
  });

  test("another program's database, one that isn't UTF-8 and one without rights are refused and left alone", async () => {
    const foreign = await server.database();
    await foreign.sql("CREATE TABLE theirs (n INTEGER)");
    await assert.rejects(openOn(foreign), refused(/another program.*theirs/));
    await foreign.sql("CREATE TABLE schema_migrations (version TEXT)");
    await assert.rejects(openOn(foreign), refused(/another program/));

    const latin = await server.database();
    await latin.sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    await assert.rejects(openOn({ url: latin.url.replace(/test\d+/, "latin") }), refused(/LATIN1.*UTF8/));

    const strict = await server.database();
    await strict.sql("CREATE USER guest; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    await assert.rejects(openOn({ url: strict.with({ user: "guest" }) }), refused(/OWNER TO/));
  });

  test("names and tags sort bytewise whatever the database's collation is", async () => {
    const first = await server.database();
    const [locale] = await first.sql<{ collname: string }>(
      "SELECT collname FROM pg_collation WHERE collprovider = 'i' AND collname = 'en-x-icu'",
    );
    if (locale === undefined) return;
    await first.sql(
      "CREATE DATABASE icu TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C.UTF-8'",
    );
    await using metadata = await openOn({ url: first.url.replace(/test\d+/, "icu") });
    const { alpha, manifest, tag } = await import("../../contract/metadata/content.ts");
    const names = ["a", "B", "_", "0", "10", "9", "a.b", "a-b", "a_b", "aa", "Z"];
    await metadata.repositories.putManifest(
      manifest(alpha, "m", { tags: names.map((name) => ({ name: tag(name), was: "any" })) }),
    );
    assert.deepEqual(await metadata.repositories.tags(alpha, { limit: 99, last: undefined }), names.sort());
  });
});
