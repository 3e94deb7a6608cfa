import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import { startBerth } from "../harness/berth.ts";
import { freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { mountless, onTmpfs } from "../adapters/disk/store-folder.ts";
import { berth } from "../cli/captured.ts";
import { spawnBerth } from "../harness/process.ts";
import { backUp, leftIn, openPlaces, verify } from "./places.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;

/** A data folder whose database takes a while to copy. */
async function largeDatabase(data: string, mebibytes: number): Promise<void> {
  {
    await using server = await spawnBerth({ data });
    await registryClient(server.url).push("a", oci.image(), "v1");
  }
  const db = new Database(join(data, "berth.db"));
  db.exec("CREATE TABLE ballast (id INTEGER PRIMARY KEY, bytes BLOB)");
  const insert = db.prepare("INSERT INTO ballast (bytes) VALUES (?)");
  const block = freshBytes(1024 * 1024);
  for (let i = 0; i < mebibytes; i++) insert.run(block);
  db.close();
}

for (const signal of ["SIGKILL", "SIGTERM", "SIGINT"] as const) {
  test(`a backup ended by ${signal} leaves nothing under the name`, async () => {
    await using places = await openPlaces();
    const data = places.path("data");
    await largeDatabase(data, 200);
    const folder = places.path("backup");
    await mkdir(folder);
    const file = join(folder, "one.db");
    const child = spawn(
      process.execPath,
      ["--conditions=berth-src", main, "backup", file, "--data", data, "--blobs", places.path("blobs")],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const ended = once(child, "close");
    let begun: string[] = [];
    for (let looks = 0; begun.length === 0 && looks < 2000; looks++) {
      begun = await readdir(folder);
      if (begun.length === 0) await pause(5);
    }
    child.kill(signal);
    await ended;
    assert.equal(child.signalCode, signal);
    assert.equal(said, signal === "SIGKILL" ? "" : "berth: stopped; run it again to go on\n");
    const left = await leftIn(folder);
    assert.ok(!existsSync(file));
    if (signal !== "SIGKILL") assert.deepEqual(left, []);
    else assert.equal(left.length, 1);
    // What nobody could remove, the next backup into the folder does.
    await backUp(data, file);
    assert.deepEqual(await leftIn(folder), ["one.db"]);
  });
}

const memory = !existsSync("/dev/shm") && "no other file system to copy to";

test("a backup that is interrupted while it copies leaves no half of a blob", { skip: memory }, async () => {
  await using places = await openPlaces();
  await using server = await spawnBerth({ data: places.path("data") });
  const client = registryClient(server.url);
  for (let i = 0; i < 12; i++)
    await client.push("a", oci.image({ layers: [freshBytes(8 * 1024 * 1024)] }), `v${i}`);
  // On another file system nothing can be linked.
  const blobs = await mkdtemp("/dev/shm/berth-blobs-");
  try {
    const child = spawn(
      process.execPath,
      [
        "--conditions=berth-src",
        main,
        "backup",
        places.path("one.db"),
        "--data",
        server.data,
        "--blobs",
        blobs,
      ],
      { stdio: "ignore" },
    );
    const ended = once(child, "close");
    const unfinished = async () => await readdir(join(blobs, "unfinished")).catch(() => []);
    for (let looks = 0; (await unfinished()).length === 0 && looks < 5000; looks++) await pause(2);
    child.kill("SIGINT");
    await ended;
    assert.equal(child.signalCode, "SIGINT");
    assert.deepEqual(await unfinished(), []);
    assert.ok(!existsSync(places.path("one.db")));
    await backUp(server.data, places.path("one.db"), "--blobs", blobs);
  } finally {
    await rm(blobs, { recursive: true, force: true });
  }
});

test("a full disk is told, and the draft is gone", { skip: mountless }, (t) =>
  onTmpfs(t, "size=3m", async (small) => {
    await using places = await openPlaces();
    const data = places.path("data");
    await largeDatabase(data, 5);
    const full = await berth(["backup", join(small, "one.db"), "--data", data]);
    assert.equal(full.code, 1);
    assert.match(full.stderr, /no room in .*: its disk is full/);
    assert.deepEqual(await leftIn(small), []);
    const { stderr } = await berth([
      "restore",
      await snapshotOf(data, places.path("one.db")),
      "--data",
      join(small, "data"),
    ]);
    assert.match(stderr, /the disk of .* is full: free some space there/);
    assert.deepEqual(
      (await leftIn(join(small, "data"))).filter((name) => /restore|draft/.test(name)),
      [],
    );
  }),
);

test("blobs on a full disk are told, and the next run goes on", { skip: mountless }, (t) =>
  onTmpfs(t, "size=3m", async (small) => {
    await using places = await openPlaces();
    await using server = await startBerth();
    const client = registryClient(server.url);
    for (let i = 0; i < 4; i++)
      await client.push("a", oci.image({ layers: [freshBytes(1024 * 1024)] }), `v${i}`);
    const blobs = join(small, "blobs");
    const file = places.path("one.db");
    const full = await berth(["backup", file, "--data", server.data, "--blobs", blobs]);
    assert.equal(full.code, 1);
    assert.match(full.stderr, /The disk of .*blobs is full: free some space there/);
    assert.ok(!existsSync(file), "a snapshot without its blobs has no name");
    assert.deepEqual(await leftIn(join(blobs, "unfinished")), []);
    // As an operator would, with a larger disk.
    const report = await backUp(server.data, file, "--blobs", places.path("blobs"));
    assert.equal(report.blobs?.damaged.length, 0);
    assert.equal((await verify(server.data)).code, 0);
  }),
);

async function snapshotOf(data: string, file: string): Promise<string> {
  await backUp(data, file);
  return file;
}
