import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { checkDatabase } from "#adapters/postgres/check-database.ts";
import { postgresMigrationsFolder } from "#app/open/storage.ts";
import {
  needsPostgres,
  startPostgres,
  type TestDatabase,
  type TestPostgres,
} from "../../harness/postgres.ts";
import { openOn } from "./place.ts";

describe(
  "what is wrong with a database is told before the start, and nothing is changed",
  needsPostgres(),
  () => {
    let server: TestPostgres;
    let database: TestDatabase;
    before(async () => {
      server = await startPostgres();
      database = await server.database();
    });
    after(() => server[Symbol.asyncDispose]());

    const check = (url: string) => checkDatabase(url, postgresMigrationsFolder);
    const refused = (url: string, message: RegExp) =>
      assert.rejects(check(url), { name: "AppError", message });
    const elsewhere = (name: string) => database.url.replace(/\/\/\/\w+\?/, `///${name}?`);
    const tables = () =>
      database.sql("SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace");

    test("an empty one, and one with this Berth's tables", async () => {
      assert.match(
        await check(database.url),
        /^PostgreSQL \d+\.\d+, empty: the first start makes its tables$/,
      );
      assert.deepEqual(await tables(), []);
      const used = await server.database();
      await (await openOn(used))[Symbol.asyncDispose]();
      assert.match(await check(used.url), /^PostgreSQL \d+\.\d+, schema \d+$/);
      await used.sql("DELETE FROM schema_migrations WHERE version > 2");
      assert.match(await check(used.url), /, schema 2: the start brings it to \d+$/);
      await used.sql("INSERT INTO schema_migrations VALUES (9999, 'later', 'x', 1)");
      await refused(used.url, /a newer Berth wrote it/);
    });

    test("a wrong password, and nothing of it is shown", async () => {
      await database.sql("CREATE ROLE careful LOGIN PASSWORD 'topsecret'");
      const [{ hba_file: file } = { hba_file: "" }] = await database.sql<{ hba_file: string }>(
        "SHOW hba_file",
      );
      await writeFile(file, `local all careful scram-sha-256\n${await readFile(file, "utf8")}`);
      await database.sql("SELECT pg_reload_conf()");
      const url = (password: string) => database.with({ user: "careful", password });
      await refused(url("wrong"), /lets nobody in: password authentication failed.*Check user and password/);
      await assert.rejects(check(url("topsecrets")), (error: Error) => !error.message.includes("topsecrets"));
      // Which may come in, and may make nothing.
      await refused(url("topsecret"), /may make no tables in the schema public/);
    });

    test("no such database, another encoding, another program's tables, a standby", async () => {
      await refused(elsewhere("nowhere"), /database "nowhere" does not exist\. Make it: CREATE DATABASE/);
      await database.sql(
        "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
      );
      await refused(elsewhere("latin"), /its encoding is LATIN1\. Make one with ENCODING 'UTF8'/);
      const others = await server.database();
      await others.sql("CREATE TABLE theirs (n INTEGER)");
      await refused(others.url, /another program has tables in it \(theirs/);
      await refused(
        database.with({ options: "-c default_transaction_read_only=on" }),
        /must name the primary, not a standby/,
      );
      await refused(database.with({ options: "-c search_path=nothing" }), /names no schema that is there/);
    });

    test("nobody there, and a host that isn't known", async () => {
      await refused("postgres://berth:topsecret@127.0.0.1:1/berth", /can't be reached \(ECONNREFUSED\)/);
      await refused("postgres://berth@no.invalid/berth", /the host of metadata\.url isn't known here/);
    });
  },
);
