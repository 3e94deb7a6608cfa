import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { test } from "node:test";
import Database from "better-sqlite3";
import { startBerth } from "../harness/berth.ts";
import { expectStatus, oci, registryClient } from "../harness/registry-client.ts";
import { berth } from "../cli/captured.ts";
import { spawnBerth } from "../harness/process.ts";
import { blobFile, blobFiles } from "../distribution/blob-files.ts";
import { backUp, leftIn, openPlaces, restore, runJson, verify } from "./places.ts";

const image = () => oci.image({ layers: [Buffer.alloc(300_000, Math.random().toString())] });

test("a snapshot with its blobs, taken from a running server, serves elsewhere", async () => {
  await using places = await openPlaces();
  await using server = await startBerth();
  const client = registryClient(server.url);
  const first = image();
  await client.push("team/app", first, "v1");
  await client.startUpload("team/app");
  const file = places.path("one.db");
  const blobs = places.path("blobs");
  const report = await backUp(server.data, file, "--blobs", blobs);
  assert.equal(report.blobs?.linked, 2, "one file system: linked");
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const db = new Database(file, { readonly: true });
  assert.equal(db.prepare("SELECT count(*) FROM uploads").pluck().get(), 0);
  assert.equal(db.prepare("SELECT count(*) FROM leases WHERE until > 0").pluck().get(), 0);
  db.close();
  const second = image();
  await client.push("team/app", second, "v2");
  const again = await backUp(server.data, places.path("two.db"), "--blobs", blobs);
  assert.deepEqual([again.blobs?.kept, again.blobs?.linked], [2, 2]);
  assert.deepEqual(await leftIn(places.path("")), ["blobs", "one.db", "two.db"]);

  await mkdir(places.path("new"));
  const data = places.path("new/data");
  assert.equal((await restore(data, places.path("one.db"), "--blobs", blobs)).blobs.brought, 2);
  const verified = await verify(data);
  assert.deepEqual([verified.code, verified.report.tags, verified.report.blobs], [0, 1, 2]);
  assert.deepEqual(
    (await leftIn(data)).filter((name) => /restore|draft/.test(name)),
    [],
  );
  await using there = await spawnBerth({ data });
  const elsewhere = registryClient(there.url);
  expectStatus(await elsewhere.get(`/v2/team/app/manifests/v1`), 200);
  expectStatus(await elsewhere.get(`/v2/team/app/blobs/${first.blobs[1]?.digest}`), 200);
  expectStatus(await elsewhere.get(`/v2/team/app/manifests/v2`), 404);
});

test("a name that is taken, a data folder that isn't there or is no place for it", async () => {
  await using places = await openPlaces();
  await using server = await startBerth();
  const refused = async (words: RegExp, ...argv: string[]) => {
    const { code, stderr } = await berth([...argv, "--data", server.data]);
    assert.notEqual(code, 0);
    assert.match(stderr, words);
  };
  const file = places.path("one.db");
  await writeFile(file, "mine");
  await refused(/one\.db is there: name another one, or replace it with --force/, "backup", file);
  assert.equal(await readFile(file, "utf8"), "mine");
  await backUp(server.data, file, "--force");
  await refused(/there is no such folder: make it/, "backup", places.path("no/one.db"));
  await refused(/in the data folder itself/, "backup", `${server.data}/berth.db`, "--force");
  await refused(
    /where the registry itself keeps its blobs/,
    "backup",
    places.path("x"),
    "--blobs",
    `${server.data}/storage`,
  );
  await refused(/neither a path nor s3:/, "backup", "s3://bucket");
  await refused(/FILE missing/, "backup");
  await refused(/need each other/, "backup", "s3://bucket/x", "--region", "r", "--access-key-id-file", "x");
  await refused(/--region is for s3:/, "backup", "x", "--region", "r", "--blobs", "y");
  await mkdir(places.path("folder"));
  await refused(/folder is a folder: name a file in it/, "backup", places.path("folder"), "--force");
  await symlink("one.db", places.path("link"));
  await refused(/link is a symbolic link/, "backup", places.path("link"), "--force");
  await refused(/null is no plain file/, "backup", "/dev/null", "--force");
  await refused(/a server has the data folder .*: stop it first/, "restore", file);
  const none = await berth(["backup", places.path("y"), "--data", places.path("nothing")]);
  assert.match(none.stderr, /there is no database/);
  assert.ok(!existsSync(places.path("nothing")), "nothing was made");
});

test("a database that is there is set aside, with --force only", async () => {
  await using places = await openPlaces();
  const data = places.path("data");
  {
    await using server = await spawnBerth({ data });
    const client = registryClient(server.url);
    await client.push("a", image(), "old");
    await backUp(data, places.path("old.db"));
    await client.push("a", image(), "new");
  }
  const refused = await berth(["restore", places.path("old.db"), "--data", data]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /there is a database .*--force it is set aside/);
  const { aside = "", blobs } = await restore(data, places.path("old.db"), "--force");
  assert.match(aside, /berth\.db\.before-restore-\d{8}T\d{6}Z$/);
  assert.equal(blobs.present, 2);
  assert.equal((await verify(data, "a:old")).code, 0);
  const gone = await berth(["verify", "a:new", "--data", data]);
  assert.match(gone.stderr, /there is no a:new/);
  const before = new Database(aside, { readonly: true });
  assert.equal(before.prepare("SELECT count(*) FROM tags").pluck().get(), 2);
  before.close();
});

test("what is no snapshot of Berth's is refused, and the folder stays as it was", async () => {
  await using places = await openPlaces();
  const data = places.path("data");
  const good = places.path("good.db");
  {
    await using server = await spawnBerth({ data });
    await registryClient(server.url).push("a", image(), "v1");
    await backUp(data, good);
  }
  const before = await leftIn(data);
  const refused = async (name: string, words: RegExp) => {
    const { code, stderr } = await berth(["restore", places.path(name), "--data", data, "--force"]);
    assert.equal(code, 1, name);
    assert.match(stderr, words);
    assert.deepEqual(await leftIn(data), before, name);
  };
  await writeFile(places.path("text"), "no database at all, but long enough to look at".repeat(200));
  await refused("text", /is damaged or isn't a snapshot of Berth's/);
  await writeFile(places.path("empty"), "");
  await refused("empty", /isn't a snapshot of Berth's/);
  await refused("nothing", /can't be read \(ENOENT\)/);
  const bytes = await readFile(good);
  await writeFile(places.path("short"), bytes.subarray(0, bytes.length / 2));
  await refused("short", /damaged/);
  bytes.fill(0x55, 8192, bytes.length - 4096);
  await writeFile(places.path("flipped"), bytes);
  await refused("flipped", /damaged/);
  const changed = async (name: string, sql: string) => {
    await copyFile(good, places.path(name));
    const db = new Database(places.path(name));
    db.exec(sql);
    db.close();
  };
  await changed("newer", "INSERT INTO schema_migrations VALUES (9999, 'wonders', 1)");
  await refused("newer", /is of a newer Berth: it has schema 9999 \("wonders"\)/);
  await changed("rails", "UPDATE schema_migrations SET name = 'create_users' WHERE version = 1");
  await refused("rails", /isn't a snapshot of Berth's/);
  await copyFile(good, places.path("live"));
  await writeFile(places.path("live-wal"), "log");
  await refused("live", /a database in use and no snapshot/);
});

test("without their blobs restored tags are named, and heal when they are pushed again", async () => {
  await using places = await openPlaces();
  await using server = await startBerth();
  const content = image();
  await registryClient(server.url).push("a", content, "v1");
  await backUp(server.data, places.path("one.db"));
  const data = places.path("data");
  const missing = await runJson<{ blobs: { missing: { digest: string }[] } }>([
    "restore",
    places.path("one.db"),
    "--data",
    data,
  ]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /2 blobs are missing: name their backup with --blobs PLACE/);
  assert.equal(missing.report.blobs.missing.length, 2);
  assert.equal((await verify(data)).report.faults.length, 2);
  {
    await using there = await spawnBerth({ data });
    await registryClient(there.url).push("a", content, "v1");
  }
  assert.equal((await verify(data)).code, 0);
});

test("a restore that was broken off goes on; copies that are damaged are not taken in", async () => {
  await using places = await openPlaces();
  await using server = await startBerth();
  const client = registryClient(server.url);
  const content = image();
  await client.push("a", content, "v1");
  const [file, blobs, data] = [places.path("one.db"), places.path("blobs"), places.path("data")];
  await backUp(server.data, file, "--blobs", blobs);
  const layer = content.blobs[1]?.digest ?? "";
  const copy = await blobFile(blobs, layer);
  const bytes = await readFile(copy);
  await rm(copy);
  await writeFile(copy, Buffer.from(bytes.map((byte, i) => (i === 7 ? byte ^ 1 : byte))));
  const broken = await runJson(["restore", file, "--blobs", blobs, "--data", data]);
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, new RegExp(`${layer} has other bytes: .*, in the backup`));
  // A backup with --verify finds it, and makes it again.
  const again = await backUp(server.data, file, "--force", "--blobs", blobs, "--verify");
  assert.deepEqual([again.blobs?.kept, again.blobs?.linked], [1, 1]);
  const healed = await restore(data, file, "--blobs", blobs, "--force");
  assert.deepEqual([healed.blobs.present, healed.blobs.brought], [0, 2]);
  assert.equal((await verify(data)).code, 0);
  assert.equal((await blobFiles(data, layer)).length, 1);
});
