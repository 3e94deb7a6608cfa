import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { readFile } from "node:fs/promises";
import Database from "better-sqlite3";
import pino from "pino";
import { migrate } from "#adapters/sqlite/migrate.ts";
import { openMetadata } from "#app/open/open-metadata.ts";
import { migrationsFolder } from "#app/open/storage.ts";
import { alone } from "#app/servers/upkeep-lease.ts";
import { createSettings } from "#app/settings.ts";
import { startSingle } from "#app/single.ts";
import { scheduleSnapshots } from "#app/house/snapshots/snapshot-schedule.ts";
import type { Config } from "#config/config.ts";
import { snapshotName } from "#core/snapshot-name.ts";
import { berth } from "../cli/captured.ts";
import { startBerth } from "../harness/berth.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { oci, registryClient } from "../harness/registry-client.ts";

const times = { look: 10, first: 0, retry: 50 };
const silent = pino({ level: "silent" });

async function shelved(data: string): Promise<string[]> {
  return (await readdir(join(data, "storage/metadata")).catch(() => [])).sort();
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 1_000; i++) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(20);
  }
  assert.fail(`never: ${what}`);
}

function withSnapshots(config: Config, snapshots: Partial<Config["snapshots"]>) {
  return createSettings({ ...config, snapshots: { ...config.snapshots, ...snapshots } });
}

test("one is put beside the blobs when there is none, told of, and the next only when it is due", async () => {
  await using server = await startBerth();
  await registryClient(server.url).push("app", oci.image(), "v1");
  const config = defaultConfig(server.data);
  await using metadata = await openMetadata(config);
  {
    await using _running = scheduleSnapshots(withSnapshots(config, {}), metadata, alone, silent, times);
    const run = await until("a run that ended", async () =>
      (await metadata.housekeeping.runs()).find(
        ({ kind, endedAt }) => kind === "snapshot" && endedAt !== undefined,
      ),
    );
    const [name, ...more] = await shelved(server.data);
    assert.deepEqual([run.fault, run.progress["name"], more], [undefined, name, []]);
    await pause(200);
    assert.equal((await shelved(server.data)).length, 1);
  }
  const [name = ""] = await shelved(server.data);
  const file = join(server.data, "storage/metadata", name);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const copy = new Database(gunzipSync(await readFile(file)));
  assert.equal(copy.prepare("SELECT count(*) FROM tags").pluck().get(), 1);
  copy.close();
  assert.deepEqual(
    (await readdir(server.data)).filter((one) => one.startsWith(".berth-draft")),
    [],
  );
});

test("an empty database pushes no good snapshot out: none is put, and the log says what may have happened", async () => {
  await using server = await startBerth();
  const config = defaultConfig(server.data);
  await using metadata = await openMetadata(config);
  const folder = join(server.data, "storage/metadata");
  await mkdir(folder);
  const old = snapshotName(Date.now() - 3 * 86_400_000, "schedule");
  await writeFile(join(folder, old), "of the database that was lost");
  const { log, lines } = logged();
  await using _running = scheduleSnapshots(withSnapshots(config, {}), metadata, alone, log, times);
  const said = () => lines.filter(({ level, msg }) => level === 40 && /berth rebuild --force/.test(msg));
  await until("the warning", () => Promise.resolve(said()[0]));
  await pause(200);
  assert.equal(said().length, 1);
  assert.deepEqual(await shelved(server.data), [old]);
  await registryClient(server.url).push("app", oci.image(), "v1");
  await until("one with content", async () => ((await shelved(server.data)).length === 2 ? true : undefined));
});

test("the newest stay, as many as are to be kept; off: none is made", async () => {
  await using server = await startBerth();
  await registryClient(server.url).push("app", oci.image(), "v1");
  const config = defaultConfig(server.data);
  await using metadata = await openMetadata(config);
  const folder = join(server.data, "storage/metadata");
  await mkdir(folder);
  const day = 86_400_000;
  const old = [5, 4, 3, 2].map((days) => snapshotName(Date.now() - days * day, "schedule"));
  for (const name of old) await writeFile(join(folder, name), "old");
  {
    const off = withSnapshots(config, { every: 0 });
    await using _running = scheduleSnapshots(off, metadata, alone, silent, times);
    await pause(200);
    assert.deepEqual(await shelved(server.data), old);
  }
  await using _running = scheduleSnapshots(
    withSnapshots(config, { keep: 3 }),
    metadata,
    alone,
    silent,
    times,
  );
  const left = await until("three", async () => {
    const names = await shelved(server.data);
    return names.length === 3 && names.every((name) => name.startsWith("metadata-")) ? names : undefined;
  });
  assert.deepEqual(left.slice(0, 2), old.slice(2));
});

/** A data folder with a database of an older Berth. */
async function olderFolder() {
  const data = await mkdtemp(join(tmpdir(), "berth-older-"));
  const migrations = join(data, "migrations");
  await cp(migrationsFolder, migrations, { recursive: true });
  const names = (await readdir(migrations)).sort();
  for (const name of names.slice(-1)) await rm(join(migrations, name));
  const db = new Database(join(data, "berth.db"));
  db.pragma("journal_mode = WAL");
  migrate(db, migrations);
  db.close();
  return { data, schema: names.length - 1, [Symbol.asyncDispose]: () => rm(data, { recursive: true }) };
}

function logged() {
  const lines: { level: number; msg: string }[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[0]) });
  return { log, lines };
}

test("before a newer Berth changes the database, how it was goes beside the blobs, once", async () => {
  await using older = await olderFolder();
  const { data } = older;
  await mkdir(join(data, "storage/blobs"), { recursive: true });
  for (let start = 0; start < 2; start++)
    await (await startSingle(defaultConfig(data), silent))[Symbol.asyncDispose]();
  const names = await shelved(data);
  assert.equal(names.length, 1);
  assert.match(names[0] ?? "", /^metadata-\d{8}T\d{9}Z\.upgrade\.db\.gz$/);
  const copy = new Database(gunzipSync(await readFile(join(data, "storage/metadata", names[0] ?? ""))));
  assert.equal(copy.prepare("SELECT count(*) FROM schema_migrations").pluck().get(), older.schema);
  copy.close();
});

test("a command without a server puts one, too, before it changes the database; one that only reads says what to do", async () => {
  await using older = await olderFolder();
  const { data } = older;
  await mkdir(join(data, "storage/blobs"), { recursive: true });
  const { code, stderr } = await berth(["webhook", "list", "--data", data]);
  assert.equal(code, 1);
  assert.match(stderr, /is of an older Berth\. Start the server/);
  assert.deepEqual(await shelved(data), []);
  assert.equal((await berth(["user", "list", "--data", data])).code, 0);
  assert.match((await shelved(data)).join(), /^metadata-\d{8}T\d{9}Z\.upgrade\.db\.gz$/);
});

test("where the blobs aren't mounted nothing is written there, and the log says so; a full shelf stops the start", async () => {
  await using older = await olderFolder();
  const { data } = older;
  const config = defaultConfig(data);
  await mkdir(join(data, "storage/blobs"), { recursive: true });
  await writeFile(join(data, "storage/metadata"), "in the way");
  await assert.rejects(
    startSingle(config, silent),
    /before the metadata is brought from schema \d+ to \d+, .*storage\/metadata: .*snapshots\.before_upgrade: false/,
  );
  await rm(join(data, "storage"), { recursive: true });
  const { log, lines } = logged();
  await (await startSingle(config, log))[Symbol.asyncDispose]();
  assert.ok(lines.some(({ level, msg }) => level === 50 && /without a snapshot of how it was/.test(msg)));
  assert.deepEqual(await shelved(data), []);
});
