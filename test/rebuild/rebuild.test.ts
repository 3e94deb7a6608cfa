import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { putSnapshot } from "#app/house/snapshots/put-snapshot.ts";
import { openMetadataShelf } from "#app/open/open-metadata-shelf.ts";
import type { SnapshotReason } from "#core/snapshot-name.ts";
import { berth } from "../cli/captured.ts";
import { blobFile } from "../distribution/blob-files.ts";
import { startBerth, type TestBerth } from "../harness/berth.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { spawnBerth } from "../harness/process.ts";
import { verify } from "../backup/places.ts";
import { ask, plant, rebuild, scrub } from "../scrub/scrubbed.ts";

async function snapshotOf({ data }: { data: string }, now = Date.now(), reason: SnapshotReason = "schedule") {
  const config = defaultConfig(data);
  const { signal } = new AbortController();
  return await putSnapshot(config, await openMetadataShelf(config), { now, reason, keep: 10, signal });
}

const image = () => oci.image({ layers: [freshBytes(5000)] });

async function loseDatabase(data: string): Promise<void> {
  for (const name of await readdir(data)) if (/^berth\.db/.test(name)) await rm(join(data, name));
}

/** A server that is stopped for `work` on its folder, and then started again. */
async function stopped(server: Awaited<ReturnType<typeof spawnBerth>>, work: () => Promise<void>) {
  await server.kill("SIGKILL");
  await work();
  return spawnBerth({ data: server.data });
}

test("after the database is lost the newest snapshot comes back, and what it can't know is said", async () => {
  await using first = await spawnBerth();
  const { data } = first;
  const [kept, deleted, later] = [image(), image(), image()];
  const client = registryClient(first.url);
  await client.push("team/app", kept, "v1");
  await client.push("team/gone", deleted, "v1");
  await snapshotOf(first, Date.now() - 1000);
  const { name } = await snapshotOf(first);
  await client.push("team/app", later, "v2");
  const lostLayer = deleted.blobs[1]?.digest ?? "";
  await using second = await stopped(first, async () => {
    await rm(await blobFile(data, lostLayer));
    await loseDatabase(data);
    const { code, report, stderr } = await rebuild(data);
    assert.equal(code, 1, stderr);
    assert.equal(report.snapshot?.name, name);
    assert.deepEqual(report.skipped, []);
    assert.equal(report.aside, undefined);
    const { present, moved, unknown, unknownBytes, missing } = report.blobs;
    assert.deepEqual([present, moved, unknown], [3, 0, 2]);
    assert.equal(
      unknownBytes,
      later.blobs.reduce((sum, { bytes }) => sum + bytes.length, 0),
    );
    assert.deepEqual(missing, [{ digest: lostLayer, why: "is missing", of: ["team/gone:v1"] }]);
    assert.deepEqual(
      report.verified.faults.map(({ digest }) => digest),
      [lostLayer],
    );
  });
  const now = registryClient(second.url);
  expectStatus(await now.request("GET", "/v2/team/app/manifests/v1"), 200);
  expectStatus(await now.request("GET", "/v2/team/app/manifests/v2"), 404);
  assert.equal(ask(data, "SELECT count(*) FROM strays"), 2);
  await now.push("team/app", later, "v2");
  await now.push("team/gone", deleted, "v1");
  assert.deepEqual((await scrub(data)).report.faults, []);
  assert.equal((await verify(data)).code, 0);
  await second.kill("SIGTERM");
});

test("a database with content is left alone; with --force it is set aside; a bare one needs no word", async () => {
  await using server = await startBerth();
  const content = image();
  await registryClient(server.url).push("app", content, "v1");
  await snapshotOf(server);
  const busy = await rebuild(server.data);
  assert.match(busy.stderr, /a server has the data folder .*: stop it first/);
  await using copy = await stoppedCopy(server);
  const refused = await rebuild(copy.data);
  assert.deepEqual(
    [refused.code, /there is a database .*with --force it is set aside/.test(refused.stderr)],
    [1, true],
  );
  const forced = await rebuild(copy.data, "--force");
  assert.deepEqual([forced.code, forced.report.blobs.present], [0, 2], forced.stderr);
  assert.ok((await readdir(copy.data)).includes(forced.report.aside?.split("/").at(-1) ?? "none"));
  await loseDatabase(copy.data);
  const bare = await spawnBerth({ data: copy.data });
  await bare.kill("SIGKILL");
  const again = await rebuild(copy.data);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.report.aside ?? "", /berth\.db\.before-rebuild-/);
  assert.equal((await verify(copy.data)).report.tags, 1);
});

test("a damaged snapshot is passed over; a named one is taken or refused; --list shows them", async () => {
  await using server = await startBerth();
  await registryClient(server.url).push("app", image(), "v1");
  const older = await snapshotOf(server, Date.now() - 5000);
  await registryClient(server.url).push("app", image(), "v2");
  const newer = await snapshotOf(server, Date.now(), "upgrade");
  await using copy = await stoppedCopy(server);
  const listed = await berth(["rebuild", "--list", "--data", copy.data]);
  assert.match(
    listed.stdout,
    new RegExp(`^${older.name}  \\S+ \\d\\d:\\d\\d  .* KiB\n${newer.name}  \\S+ .*\n$`),
  );
  await loseDatabase(copy.data);
  const none = await rebuild(copy.data, "--snapshot", "metadata-19990101T000000000Z.db.gz");
  assert.match(none.stderr, /there is no snapshot metadata-1999\S+ beside the blobs; there is metadata-/);
  await writeFile(join(copy.data, "storage/metadata", newer.name), "torn");
  const named = await rebuild(copy.data, "--snapshot", newer.name);
  assert.match(named.stderr, /is damaged/);
  assert.deepEqual(
    (await readdir(copy.data)).filter((name) => /rebuild|berth\.db/.test(name)),
    [],
  );
  const { code, report } = await rebuild(copy.data);
  assert.equal(code, 1, "not the newest");
  assert.deepEqual(
    [report.snapshot?.name, report.skipped.map(({ name }) => name)],
    [older.name, [newer.name]],
  );
  assert.deepEqual([report.verified.tags, report.blobs.unknown], [1, 2]);
});

test("a snapshot of a newer Berth is no reason to take an older one", async () => {
  await using server = await startBerth();
  await snapshotOf(server, Date.now() - 5000);
  await using copy = await stoppedCopy(server);
  plant(copy.data, ["INSERT INTO schema_migrations (version, name, applied_at) VALUES (9999, 'later', 1)"]);
  await snapshotOf(copy);
  await loseDatabase(copy.data);
  const { code, stderr } = await rebuild(copy.data);
  assert.deepEqual([code, /is of a newer Berth: .*with that newer Berth/.test(stderr)], [1, true], stderr);
  assert.deepEqual(
    (await readdir(copy.data)).filter((name) => /rebuild|berth\.db/.test(name)),
    [],
  );
});

test("without any snapshot the blobs are noted in an empty database, and it says what is lost", async () => {
  await using server = await startBerth();
  await registryClient(server.url).push("app", image(), "v1");
  await using copy = await stoppedCopy(server);
  await loseDatabase(copy.data);
  const usage = await berth(["usage", "--data", copy.data]);
  assert.equal(usage.code, 1);
  assert.match(usage.stderr, /the database .*berth\.db isn't there, though blobs are/);
  const asked = await berth(["rebuild", "--data", copy.data]);
  assert.deepEqual([asked.code, /say --yes/.test(asked.stderr)], [2, true]);
  const { code, stdout } = await berth(["rebuild", "--yes", "--data", copy.data]);
  assert.equal(code, 1);
  assert.match(stdout, /^there was no snapshot .*: tags, manifests and accounts can't be known/);
  assert.match(stdout, /2 blobs \(.*\) aren't known to it: garbage collection removes them after gc\.grace/);
  assert.match(stdout, /^what the 2 blobs were of is lost: .*Restore a backup/m);
  assert.doesNotMatch(stdout, /all good/);
  assert.equal(ask(copy.data, "SELECT count(*) FROM strays"), 2);
});

test("bytes at another place than the snapshot says are taken from there", async () => {
  await using server = await startBerth();
  const content = image();
  await registryClient(server.url).push("app", content, "v1");
  await snapshotOf(server);
  await using copy = await stoppedCopy(server);
  const layer = content.blobs[1]?.digest ?? "";
  const file = await blobFile(copy.data, layer);
  await rename(file, file.replace(/\.[\w-]{12}$/, ".bbbbbbbbbbbb"));
  await loseDatabase(copy.data);
  const { code, report } = await rebuild(copy.data);
  assert.deepEqual([code, report.blobs.moved, report.blobs.missing], [0, 1, []]);
  assert.deepEqual((await scrub(copy.data)).report.faults, []);
});

test("a rebuild that is killed at any moment can be run again", async () => {
  await using server = await startBerth();
  const client = registryClient(server.url);
  for (let i = 0; i < 12; i++) await client.push(`app/${i}`, image(), "v1");
  await snapshotOf(server);
  await using copy = await stoppedCopy(server);
  await loseDatabase(copy.data);
  for (let wait = 0; wait < 6; wait++) await killedRebuild(copy.data, wait * 60);
  if (((await stat(join(copy.data, "berth.db")).catch(() => undefined))?.size ?? 0) === 0) {
    const { code, stderr } = await rebuild(copy.data);
    assert.equal(code, 0, stderr);
  }
  const { code, report } = await verify(copy.data);
  assert.deepEqual([code, report.tags], [0, 12]);
  const second = await rebuild(copy.data, "--force");
  assert.deepEqual([second.code, second.report.verified.tags], [0, 12]);
  assert.deepEqual(
    (await readdir(copy.data)).filter((name) => /^rebuild-/.test(name)),
    [],
  );
});

/** A copy of the folder of a server that runs, as if that one had been killed. */
async function stoppedCopy(server: TestBerth) {
  const data = await mkdtemp(join(tmpdir(), "berth-rebuild-"));
  for (const name of ["berth.db", "berth.db-wal", "storage"])
    await cp(join(server.data, name), join(data, name), { recursive: true });
  return { data, [Symbol.asyncDispose]: () => rm(data, { recursive: true, force: true }) };
}

/** Kills the command so many ms after its work file is there. */
async function killedRebuild(data: string, wait: number): Promise<void> {
  const main = new URL("../../src/main.ts", import.meta.url).pathname;
  const args = ["--conditions=berth-src", main, "rebuild", "--yes", "--data", data];
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  const ended = once(child, "exit");
  let over = false;
  void ended.then(() => (over = true));
  for (let i = 0; i < 2_000 && !over; i++) {
    if ((await readdir(data)).some((name) => /^rebuild-\d+\.db/.test(name))) break;
    await pause(5);
  }
  await pause(wait);
  child.kill("SIGKILL");
  await ended;
}
