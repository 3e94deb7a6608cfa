import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Check } from "#app/verbs/check-places.ts";
import { startSingle } from "#app/single.ts";
import pino from "pino";
import { defaultConfig } from "../harness/default-config.ts";
import { needsPostgres, startPostgres, type TestDatabase, type TestPostgres } from "../harness/postgres.ts";
import { s3Storage } from "../s3/s3-section.ts";
import { startRgw, withRgw, type Rgw } from "../s3/rgw.ts";
import { berth } from "./captured.ts";

const cwd = mkdtempSync(join(tmpdir(), "berth-check-places-"));
after(() => rmSync(cwd, { recursive: true }));

async function check(config: Record<string, unknown>, ...flags: string[]) {
  writeFileSync(join(cwd, "berth.yaml"), JSON.stringify(config));
  return berth(["check-config", "--config", "berth.yaml", ...flags], { cwd });
}

async function checks(config: Record<string, unknown>): Promise<Check[]> {
  const { stdout } = await check(config, "--json");
  return (JSON.parse(stdout) as { checks: Check[] }).checks;
}

describe("folders", () => {
  test("that aren't there can be made, and aren't", async () => {
    const data = join(cwd, "new", "data");
    const { code, stdout } = await check({ data });
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^# data folder ${data}: can be used$`, "m"));
    assert.match(stdout, new RegExp(`^# blobs folder ${data}/storage: can be used$`, "m"));
    assert.ok(!existsSync(join(cwd, "new")));
  });

  test("that are there are left as they are", async () => {
    const data = join(cwd, "old");
    mkdirSync(data);
    assert.ok((await checks({ data })).every(({ ok }) => ok));
    assert.deepEqual(readdirSync(data), []);
  });

  test("a file in the place of one, and all faults together", async () => {
    writeFileSync(join(cwd, "file"), "");
    const config = { data: join(cwd, "file"), storage: { disk: { path: join(cwd, "file", "below") } } };
    const { code, stdout, stderr } = await check(config);
    assert.equal(code, 1);
    assert.match(stderr, /^berth: 2 things are wrong with what the configuration names\n/);
    assert.match(stderr, /^ {2}data folder .*\/file: a part of that path is a file: .* --data$/m);
    assert.match(
      stderr,
      /^ {2}blobs folder .*\/file\/below: .*a part of that path is a file.*storage\.disk\.path$/m,
    );
    assert.doesNotMatch(stdout, /can be used/);
    assert.equal((await check(config, "--offline")).code, 0);
  });
});

describe("a bucket and a database", { skip: withRgw.skip || needsPostgres().skip }, () => {
  let rgw: Rgw;
  let postgres: TestPostgres;
  let database: TestDatabase;
  before(async () => {
    [rgw, postgres] = await Promise.all([startRgw(), startPostgres()]);
    database = await postgres.database();
  });
  after(async () => {
    await rgw[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  test("that can be used are said so, and nothing is changed", async () => {
    const bucket = await rgw.bucket();
    const config = { storage: s3Storage(rgw, bucket), metadata: { url: database.url } };
    assert.deepEqual(
      (await checks(config)).map(({ name, ok }) => [name, ok]),
      [
        [`data folder ${cwd}/data`, true],
        [`bucket ${bucket}`, true],
        ["database", true],
      ],
    );
    const { code, stdout } = await check(config);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^# bucket ${bucket}: can be used$`, "m"));
    assert.match(stdout, /^# database: can be used \(PostgreSQL .*\)$/m);
    const tables = "SELECT 1 FROM pg_class WHERE relnamespace = current_schema()::regnamespace";
    assert.deepEqual(await database.sql(tables), []);
  });

  test("that can't be used: both are told, in the words of the start", async () => {
    const storage = s3Storage(rgw, "nowhere");
    const nobody = "postgres://berth:topsecret@127.0.0.1:1/berth";
    const { code, stderr, stdout } = await check({ storage, metadata: { url: nobody } });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^ {2}bucket nowhere: there is no such bucket at http.*: make it, or correct storage\.s3\.bucket/m,
    );
    assert.match(stderr, /^ {2}database: PostgreSQL can't be reached \(ECONNREFUSED\)/m);
    assert.doesNotMatch(stderr + stdout, /topsecret/);

    const data = join(cwd, "start");
    const start = startSingle(defaultConfig(data, JSON.stringify({ storage })), pino({ level: "silent" }));
    await assert.rejects(start, {
      code: "unavailable",
      message: /^bucket nowhere: there is no such bucket at http.*: make it, or correct storage\.s3\.bucket/,
    });
  });

  test("a server that has no key service", async () => {
    const { s3 } = s3Storage(rgw, await rgw.bucket());
    const { stderr } = await check({ storage: { s3: { ...s3, sse: "kms" } } });
    assert.match(
      stderr,
      /: the server doesn't encrypt as storage\.s3\.sse: kms asks for .*key service \(KMS\)/,
    );
  });

  test("a database that has no TLS, and a URL that asks for it", async () => {
    const { stderr } = await check({ metadata: { url: database.with({ sslmode: "require" }) } });
    assert.match(stderr, /^ {2}database: PostgreSQL speaks no TLS there, .*ssl = on.*sslmode=disable\.$/m);
  });

  test("a URL's file that isn't there", async () => {
    const [, failed] = await checks({
      metadata: { url_file: "/nowhere/url" },
      storage: s3Storage(rgw, await rgw.bucket()),
    }).then((all) => all.filter(({ name }) => name !== `data folder ${cwd}/data`));
    assert.match(failed?.message ?? "", /^metadata\.url_file \/nowhere\/url can't be read \(ENOENT\)/);
  });
});
