import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Location } from "#core/blob-store.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { rotateKeys } from "#adapters/keys/rotate.ts";
import { sealedKeys } from "#adapters/keys/sealed-keys.ts";
import { startSingle } from "#app/single.ts";
import pino from "pino";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { newSigningSecret } from "../auth/key-bench.ts";
import { alpha, digest } from "../contract/metadata/content.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { spawnBerth } from "../harness/process.ts";
import { berth } from "./captured.ts";

/** A folder with a configuration, and `berth check-config` on it. */
function place() {
  const folder = tempFolder();
  const data = folder.file("data");
  mkdirSync(data);
  return {
    folder,
    data,
    write(name: string, text: string, mode = 0o600): string {
      const path = folder.file(name);
      writeFileSync(path, text);
      chmodSync(path, mode);
      return path;
    },
    async check(config: Record<string, unknown>) {
      writeFileSync(folder.file("berth.yaml"), JSON.stringify({ data, ...config }));
      return berth(["check-config", "--config", folder.file("berth.yaml")]);
    },
    metadata: () => openSqliteMetadata({ path: join(data, "berth.db"), migrationsDir: migrations }),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test("every file that the start refuses is named, all together", async () => {
  using at = place();
  const none = at.folder.file("none");
  const token = { key_files: [none, at.write("key.pem", "no key")] };
  const auth = { token, passwords: { htpasswd: none }, admin: { password_file: none } };
  const { code, stderr } = await at.check({ auth, tls: { certificate: none, key: none } });
  assert.equal(code, 1);
  assert.match(stderr, /^berth: 5 things are wrong/);
  for (const line of [
    /^ {2}tls: tls\.certificate: .*none is not there$/m,
    /^ {2}auth\.token\.key_files: .*none isn't there/m,
    /^ {2}auth\.token\.key_files: .*key\.pem is no private key/m,
    /^ {2}auth\.passwords\.htpasswd: .*none isn't there: .*nobody of it can sign in$/m,
    /^ {2}auth\.admin\.password_file: .*none can't be read \(ENOENT\)/m,
  ])
    assert.match(stderr, line);
});

test("the secret of the signing keys: there, its owner's alone, long enough, and the one that sealed them", async () => {
  using at = place();
  const secret = newSigningSecret();
  const check = (secret_file: string) => at.check({ auth: { secret_file } });
  assert.match((await check(at.folder.file("none"))).stderr, /^ {2}auth\.secret_file: .*isn't there/m);
  assert.match((await check(at.write("open", secret, 0o644))).stderr, /open to other users/);
  assert.match((await check(at.write("short", "abc"))).stderr, /too short/);
  const good = at.write("good", secret);
  assert.equal((await check(good)).code, 0);
  const metadata = await at.metadata();
  await rotateKeys({
    place: sealedKeys(metadata.sealedKeys, good),
    rotation: 60_000,
    overlap: 1_000,
    clock: Date.now,
    mine: () => true,
  });
  await metadata[Symbol.asyncDispose]();
  const { code, stdout } = await check(good);
  assert.equal(code, 0);
  assert.match(stdout, /^# auth\.secret_file: can be used$/m);
  const other = await check(at.write("other", newSigningSecret()));
  assert.match(other.stderr, /isn't the one that the signing keys were sealed with/);
});

test("the first admin's password may be gone once there is an admin", async () => {
  using at = place();
  const file = at.write("admin", "a good password");
  const auth = (password_file: string) => ({ auth: { admin: { password_file } } });
  assert.match((await at.check(auth(at.write("short", "abc")))).stderr, /fewer than 8 characters/);
  const config = defaultConfig(at.data, JSON.stringify(auth(file)));
  await (await startSingle(config, pino({ level: "silent" })))[Symbol.asyncDispose]();
  const { code, stderr } = await at.check(auth(at.folder.file("none")));
  assert.deepEqual([code, stderr], [0, ""]);
});

test("blobs that lie where storage.stores doesn't look are told, by check-config and at the start", async () => {
  using at = place();
  const metadata = await at.metadata();
  const location = `0c5b2444-70a0-4932-980c-b4dc0d3f02b5.abcdefgh@${digest("left")}` as Location;
  const blob = { repository: alpha, digest: digest("left"), size: 4, location };
  await metadata.repositories.addBlob({
    ...blob,
    upload: undefined,
    replace: undefined,
    now: 1,
    by: undefined,
  });
  await metadata[Symbol.asyncDispose]();
  const words =
    /blobs lie in the s3 store .*write storage\.stores: \[disk, s3\], with the section storage\.s3/;
  const { code, stderr } = await at.check({});
  assert.equal(code, 1);
  assert.match(stderr, words);
  const log: string[] = [];
  const logger = pino({ level: "warn" }, { write: (line) => log.push(line) });
  await (await startSingle(defaultConfig(at.data, ""), logger))[Symbol.asyncDispose]();
  assert.match(log.join(""), words);
});

test("a htpasswd file that isn't there is told at the start", async () => {
  using at = place();
  const auth = { passwords: { htpasswd: at.folder.file("none") } };
  const log: string[] = [];
  const logger = pino({ level: "warn" }, { write: (line) => log.push(line) });
  await (await startSingle(defaultConfig(at.data, JSON.stringify({ auth })), logger))[Symbol.asyncDispose]();
  assert.match(log.join(""), /auth\.passwords\.htpasswd .*none isn't there/);
});

test("folders below /proc, which takes none, are refused by check-config and by the start", async (t) => {
  if (process.platform !== "linux") return t.skip("there is no /proc");
  using at = place();
  const { stderr } = await at.check({ data: "/proc/berth/data" });
  assert.match(stderr, /^ {2}data folder \/proc\/berth\/data: .*\/proc\b.*--data$/m);
  assert.match(stderr, /^ {2}blobs folder \/proc\/berth\/data\/storage: /m);
  // In processes of their own: one that tries for ever can only be killed.
  await assert.rejects(spawnBerth({ data: "/proc/berth/data" }), /can't be made in \/proc/);
  const storage = { disk: { path: "/proc/berth/blobs" } };
  await assert.rejects(spawnBerth({ config: { storage } }), /can't be made in \/proc/);
});

test("files of webhooks: the key of a signature, and a CA", async () => {
  using at = place();
  const url = "https://ci.example.org/";
  const webhooks = [
    { name: "ci", url, secret_file: at.write("empty", "\n"), ca: at.write("ca.pem", "no certificate") },
    { name: "cd", url, secret_file: at.folder.file("none") },
    { name: "well", url, secret_file: at.write("key", "s3cret") },
  ];
  const { code, stderr } = await at.check({ notifications: { webhooks } });
  assert.equal(code, 1);
  for (const line of [
    /the webhook ci: its secret_file .*empty is empty/,
    /the webhook ci: its ca .*ca\.pem holds no certificate/,
    /the webhook cd: its secret_file .*none can't be read \(ENOENT\)/,
  ])
    assert.match(stderr, line);
  assert.doesNotMatch(stderr, /well|s3cret/);
});
