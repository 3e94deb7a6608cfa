import assert from "node:assert/strict";
import { inspect } from "node:util";
import { after, before, describe, test } from "node:test";
import { storageError, storageErrorForClients } from "#adapters/postgres/errors.ts";
import { AppError } from "#core/errors.ts";
import { blob, alpha, manifest } from "../../contract/metadata/content.ts";
import { needsPostgres, startPostgres, type TestPostgres } from "../../harness/postgres.ts";
import { openOn } from "./place.ts";

const coded = (code: string, message = "said") => Object.assign(new Error(message), { code });

test("errors become ours: away, full, or failed with what to do", () => {
  const cases: [unknown, string, RegExp][] = [
    [coded("ECONNREFUSED"), "unavailable", /can't be reached \(ECONNREFUSED\)/],
    [coded("ENOTFOUND"), "unavailable", /host of metadata\.url/],
    [coded("57P03"), "unavailable", /starting or stopping/],
    [coded("53300"), "unavailable", /max_connections/],
    [coded("57014"), "unavailable", /took too long/],
    [coded("40P01"), "unavailable", /Try again/],
    [new Error("Connection terminated unexpectedly"), "unavailable", /can't be reached/],
    [new Error("Query read timeout"), "unavailable", /can't be reached/],
    [coded("53100"), "storage-full", /disk .* is full/],
    [coded("25006"), "storage-failed", /primary/],
    [coded("42P01"), "storage-failed", /Start this Berth's server once/],
    [coded("SELF_SIGNED_CERT_IN_CHAIN"), "storage-failed", /sslrootcert/],
    [coded("23505", "duplicate key"), "storage-failed", /duplicate key \(23505\)/],
    ["odd", "storage-failed", /odd/],
  ];
  for (const [error, code, words] of cases) {
    const ours = storageError("The metadata couldn't be read", error);
    assert.equal(ours.code, code);
    assert.match(ours.message, /^The metadata couldn't be read: /);
    assert.match(ours.message, words);
    assert.equal(ours.retryAfter !== undefined, code === "unavailable");
  }
  const own = new AppError("upload-busy", "x");
  assert.equal(storageError("…", own), own);
});

test("clients aren't told whom PostgreSQL refuses", () => {
  const said = 'no pg_hba.conf entry for host "10.0.0.5", user "berth", database "registry", no encryption';
  for (const code of ["28000", "28P01", "3D000", "42501"]) {
    const { message, cause } = storageErrorForClients("The metadata couldn't be read", coded(code, said));
    assert.match(message, /^The metadata couldn't be read: .*check-config/);
    assert.doesNotMatch(message, /10\.0|berth"|registry/);
    assert.equal((cause as Error).message, said, "for the log");
  }
  assert.match(storageErrorForClients("It failed", coded("57P03")).message, /starting or stopping/);
});

test("neither messages nor causes hold the address", async () => {
  for (const rest of [
    "@127.0.0.1:1/berth",
    "@[::1]:1/berth",
    "@127.0.0.1:1/berth?sslmode=verify-ca&sslrootcert=/none",
  ]) {
    const url = `postgres://berth:topsecret${rest}`;
    const error: unknown = await openOn({ url }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof AppError);
    assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), /topsecret/);
  }
});

describe("a PostgreSQL that refuses", needsPostgres(), () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  test("a database or user that isn't there is named with what to do", async () => {
    const database = await server.database();
    const missing = { url: database.url.replace(/test\d+/, "nowhere") };
    await assert.rejects(openOn(missing), { code: "storage-failed", message: /nowhere.*CREATE DATABASE/ });
    const nobody = { url: database.with({ user: "nobody" }) };
    await assert.rejects(openOn(nobody), { code: "storage-failed", message: /nobody.*pg_hba/ });
  });

  test("a database that takes no writes isn't ready, and can be read", async () => {
    const database = await server.database();
    await (await openOn(database))[Symbol.asyncDispose]();
    await using metadata = await openOn({
      url: database.with({ options: "-c default_transaction_read_only=on" }),
    }).catch(async () => {
      throw new Error("reading the schema must work");
    });
    await assert.rejects(metadata.check(), { code: "storage-failed", message: /primary/ });
    await assert.rejects(metadata.repositories.addBlob(blob(alpha, "x")), { code: "storage-failed" });
    assert.equal(await metadata.repositories.exists(alpha), false);
  });

  test("a failing change takes back all of itself, and the connection can be used again", async () => {
    const database = await server.database();
    await using metadata = await openOn(database, 1);
    await database.sql("ALTER TABLE tags ADD CHECK (name <> 'bad')");
    const put = manifest(alpha, "m", { tags: [{ name: "bad" as never, was: "any" }] });
    await assert.rejects(metadata.repositories.putManifest(put), {
      code: "storage-failed",
      message: /23514/,
    });
    assert.equal(await metadata.repositories.exists(alpha), false);
    await metadata.check();
  });

  test("commits are durable though the database's default says otherwise", async () => {
    const database = await server.database();
    await database.sql(`ALTER DATABASE ${/test\d+/.exec(database.url)?.[0]} SET synchronous_commit = off`);
    await using metadata = await openOn(database, 1);
    await database.sql(
      "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS " +
        "$$ BEGIN RAISE EXCEPTION 'commit is %', current_setting('synchronous_commit'); END $$; " +
        "CREATE TRIGGER tell BEFORE UPDATE ON write_probe EXECUTE FUNCTION tell()",
    );
    await assert.rejects(metadata.check(), /commit is on/);
  });
});
