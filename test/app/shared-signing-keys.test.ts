import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { openPostgresMetadata } from "#adapters/postgres/open.ts";
import { rotateKeys } from "#adapters/keys/rotate.ts";
import { sealedKeys } from "#adapters/keys/sealed-keys.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { newEcKeyPair, pemOf } from "#kit/keys.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { newSigningSecret } from "../auth/key-bench.ts";
import { accountDesk, type Person } from "../harness/accounts.ts";
import { startBerth, type TestBerth } from "../harness/berth.ts";
import { needsPostgres, startPostgres, type TestDatabase, type TestPostgres } from "../harness/postgres.ts";
import { spawnBerth } from "../harness/process.ts";
import { expectStatus } from "../harness/registry-client.ts";
import { sharedBlobs } from "./neighbour.ts";

const storage = { disk: { path: sharedBlobs } };

/** A folder with a new secret in `secret`, and the configuration that names it. */
function withSecret() {
  const folder = tempFolder();
  const secret = newSigningSecret();
  const secretFile = folder.file("secret");
  const write = (...lines: string[]) => writeFileSync(secretFile, lines.join("\n"), { mode: 0o600 });
  write(secret, "");
  const file = `auth: { mode: token, secret_file: ${secretFile} }`;
  return { secret, secretFile, write, file, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

/** A server takes the token that another issued to this person. */
async function taken(who: Person, issuer: TestBerth, other: TestBerth): Promise<void> {
  const token = await accountDesk(issuer).token(who, `repository:${who.name}/app:pull,push`);
  expectStatus(await accountDesk(other).bearer(token).get("/v2/"), 200);
}

/** The key that signed a token. */
function kidOf(token: string): string {
  const [head = ""] = token.split(".");
  return (JSON.parse(Buffer.from(head, "base64url").toString()) as { kid: string }).kid;
}

/** All rows of a database as text; bytes are hex. */
async function dump(database: TestDatabase): Promise<string> {
  const tables = await database.sql<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
  );
  assert.ok(tables.some(({ name }) => name === "signing_keys"));
  const texts = await Promise.all(
    tables.map(({ name }) => database.sql<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)),
  );
  return texts.flatMap((rows) => rows.map(({ row }) => row)).join("\n");
}

/** What would give the private keys away: their PEM's head and body, and their scalar. */
async function givingAway(
  { sealedKeys: kept }: Pick<Metadata, "sealedKeys">,
  secretFile: string,
): Promise<Buffer[]> {
  const keys = await sealedKeys(kept, secretFile).read();
  assert.ok(keys.length > 0);
  return keys.flatMap(({ pair }) => [
    Buffer.from("PRIVATE KEY"),
    Buffer.from(pemOf(pair).split("\n")[1] ?? ""),
    Buffer.from(pair.privateKey.export({ format: "jwk" }).d ?? "", "base64url"),
    Buffer.from(pair.privateKey.export({ format: "jwk" }).d ?? ""),
  ]);
}

describe("signing keys that servers share", needsPostgres(), () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres[Symbol.asyncDispose]());

  test("of three servers that start at once one makes the key; all take each other's tokens at once", async () => {
    using setup = withSecret();
    const database = await postgres.database();
    const password = `${setup.secretFile}-admin`;
    writeFileSync(password, "correct horse", { mode: 0o600 });
    const file = `auth: { mode: token, secret_file: ${setup.secretFile}, admin: { password_file: ${password} } }`;
    const start = () => startBerth({ metadata: { url: database.url }, storage }, file);
    const outcomes = await Promise.allSettled([start(), start(), start()]);
    await using parts = new AsyncDisposableStack();
    const servers = outcomes.flatMap((each) => (each.status === "fulfilled" ? [parts.use(each.value)] : []));
    for (const each of outcomes) if (each.status === "rejected") throw each.reason;
    assert.equal((await database.sql("SELECT FROM signing_keys")).length, 1);
    for (const issuer of servers)
      for (const other of servers) await taken({ name: "admin", secret: "correct horse" }, issuer, other);
    for (const { data } of servers) assert.equal(existsSync(join(data, "keys")), false);
  });

  test("also right after a rotation, and after each start", async () => {
    using setup = withSecret();
    const { url } = await postgres.database();
    await using a = await startBerth({ metadata: { url }, storage }, setup.file);
    await using b = await startBerth({ metadata: { url }, storage }, setup.file);
    const alice = await accountDesk(a).addUser("alice");
    await taken(alice, a, b);
    await using metadata = await openPostgresMetadata({ url, pool: 1, migrationsDir: undefined });
    const kept = metadata.sealedKeys;
    const place = sealedKeys(kept, setup.secretFile);
    await rotateKeys({ place, rotation: 0, overlap: 600_000, clock: Date.now, mine: () => true });
    const kids = (await kept.list()).map(({ kid }) => kid);
    assert.equal(kids.length, 2);
    await using c = await startBerth({ metadata: { url }, storage }, setup.file);
    const signedBy = async (server: TestBerth) => kidOf(await accountDesk(server).token(alice));
    assert.equal(await signedBy(c), kids[0], "the others may not know the new one yet");
    const servers = [a, b, c];
    let young = false;
    for (let tries = 0; !young && tries < 100; tries++) {
      for (const issuer of servers) for (const other of servers) await taken(alice, issuer, other);
      young = (await signedBy(c)) === kids[1];
      await pause(50);
    }
    assert.ok(young, "the new key never signed");
    for (const issuer of servers) for (const other of servers) await taken(alice, issuer, other);
  });

  test("another secret: the start fails, and says what to do", async () => {
    using setup = withSecret();
    const { url } = await postgres.database();
    await (await startBerth({ metadata: { url }, storage }, setup.file))[Symbol.asyncDispose]();
    const other = newSigningSecret();
    setup.write(other);
    const why = /auth\.secret_file \S+ isn't the one that the signing keys were sealed with: .*second line/;
    await assert.rejects(startBerth({ metadata: { url }, storage }, setup.file), why);
    const config = {
      metadata: { url },
      storage,
      auth: { secret_file: setup.secretFile },
      log: { level: "trace" },
    };
    await assert.rejects(spawnBerth({ config: { ...config, workers: 2 } }), (error: Error) => {
      assert.match(error.message, why);
      for (const secret of [setup.secret, other]) assert.equal(error.message.includes(secret), false);
      return true;
    });
    setup.write(other, setup.secret);
    await (await startBerth({ metadata: { url }, storage }, setup.file))[Symbol.asyncDispose]();
  });

  test("neither a dump of the database nor a log gives a key or the secret away", async () => {
    using setup = withSecret();
    const database = await postgres.database();
    const config = {
      workers: 2,
      metadata: { url: database.url, pool: 2 },
      auth: { secret_file: setup.secretFile },
      log: { level: "trace" },
    };
    let logs = "";
    {
      await using registry = await spawnBerth({ config });
      const desk = accountDesk(registry);
      const alice = await desk.addUser("alice");
      for (let i = 0; i < 8; i++) {
        const token = await desk.token(alice, "repository:alice/app:pull,push");
        expectStatus(await desk.bearer(token).get("/v2/"), 200);
      }
      expectStatus(await desk.as(undefined).get("/token/jwks.json"), 200);
      await registry.kill("SIGTERM");
      logs = registry.logs();
    }
    await using metadata = await openPostgresMetadata({
      url: database.url,
      pool: 1,
      migrationsDir: undefined,
    });
    const rows = await dump(database);
    for (const each of [...(await givingAway(metadata, setup.secretFile)), Buffer.from(setup.secret)])
      for (const text of [rows, logs])
        for (const form of ["latin1", "hex", "base64"] as const)
          assert.equal(text.includes(each.toString(form).replace(/=*$/, "")), false);
  });
});

test("with SQLite, too, a secret file keeps the keys in the database, for all workers", async () => {
  using setup = withSecret();
  using folder = tempFolder();
  const data = folder.file("data");
  const config = { workers: 2, auth: { secret_file: setup.secretFile }, log: { level: "trace" } };
  let logs = "";
  {
    await using registry = await spawnBerth({ config, data });
    const desk = accountDesk(registry);
    const alice = await desk.addUser("alice");
    for (let i = 0; i < 8; i++) {
      const token = await desk.token(alice, "repository:alice/app:pull,push");
      expectStatus(await desk.bearer(token).get("/v2/"), 200);
    }
    await registry.kill("SIGTERM");
    logs = registry.logs();
  }
  assert.equal(existsSync(join(data, "keys")), false);
  const bytes = readFileSync(join(data, "berth.db"));
  {
    await using metadata = await openSqliteMetadata({
      path: join(data, "berth.db"),
      migrationsDir: migrations,
    });
    for (const each of [...(await givingAway(metadata, setup.secretFile)), Buffer.from(setup.secret)]) {
      assert.equal(bytes.includes(each), false);
      assert.equal(logs.includes(each.toString("latin1")), false);
    }
  }
  setup.write(newSigningSecret());
  await assert.rejects(spawnBerth({ config, data }), /auth\.secret_file \S+ isn't the one/);
});

test("servers with the same key files take each other's tokens, and write no key", async () => {
  using folder = tempFolder();
  const paths = [folder.file("a.pem"), folder.file("b.pem")];
  for (const path of paths) writeFileSync(path, pemOf(await newEcKeyPair()), { mode: 0o600 });
  const [a = "", b = ""] = paths;
  const file = (...keys: string[]) => `auth: { mode: token, token: { key_files: [${keys.join(", ")}] } }`;
  await using one = await startBerth({}, file(a, b));
  await using other = await startBerth({}, file(b, a));
  const desk = accountDesk(one);
  const kid = kidOf(await desk.token(await desk.addUser("alice")));
  const set = await accountDesk(other).as(undefined).get("/token/jwks.json");
  assert.ok(set.body.toString().includes(kid));
  for (const { data } of [one, other]) assert.equal(existsSync(join(data, "keys")), false);
  await assert.rejects(startBerth({}, file(a, folder.file("missing.pem"))), /missing\.pem isn't there/);
});
