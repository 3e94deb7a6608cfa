import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { startSingle } from "#app/single.ts";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { startBerth } from "../harness/berth.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { berth } from "./captured.ts";

const repo = "team/app";

async function files(data: string): Promise<number> {
  const below = await readdir(join(data, "storage/blobs"), { recursive: true, withFileTypes: true });
  return below.filter((entry) => entry.isFile()).length;
}

/** An image, and a blob that no manifest names; more than a second ago. */
async function filled(url: string, size = 3000) {
  const client = registryClient(url);
  const image = oci.image();
  await client.push(repo, image, "v1");
  const loose = freshBytes(size);
  await client.pushBlob(loose, { repo });
  await sleep(1100);
  return { client, image, loose };
}

test("next to a server: what would go, then what went; the server keeps its bytes for who reads them", async () => {
  await using server = await startBerth();
  const { client } = await filled(server.url);
  const flags = ["--data", server.data, "--grace", "1s"];
  const before = await files(server.data);
  const told = await berth(["gc", "--dry-run", ...flags]);
  assert.equal(told.code, 0, told.stderr);
  assert.match(
    told.stdout,
    /^1 blob, 2\.9 KiB: no manifest names it \(gc\.grace\)\n {2}team\/app: sha256:[0-9a-f]{64}\n2\.9 KiB would go\n$/,
  );
  assert.equal(await files(server.data), before);
  const done = await berth(["gc", ...flags, "--json"]);
  assert.equal(done.code, 0, done.stderr);
  const report = JSON.parse(done.stdout) as Record<string, unknown>;
  const [reason] = report.reasons as Record<string, unknown>[];
  assert.deepEqual([reason?.reason, reason?.count, reason?.bytes], ["unused", 1, 3000]);
  assert.deepEqual([report.dryRun, report.served, report.fault], [false, true, undefined]);
  assert.deepEqual(
    [report.freed, report.waiting],
    [
      { blobs: 0, bytes: 0 },
      { blobs: 1, bytes: 3000 },
    ],
  );
  assert.equal((await client.request("GET", `/v2/${repo}/manifests/v1`)).status, 200);
  const again = await berth(["gc", ...flags]);
  assert.equal(
    again.stdout,
    "2.9 KiB in 1 blob wait until nobody can be reading them: the server removes them then\n",
  );
});

test("without a server the bytes go at once, and a second run has nothing to do", async () => {
  using folder = tempFolder();
  const data = folder.file("data");
  {
    await using server = await startSingle(defaultConfig(data), pino({ level: "silent" }));
    await filled(server.urls[0] ?? "");
  }
  const before = await files(data);
  const flags = ["--data", data, "--grace", "1s"];
  const done = await berth(["gc", ...flags]);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /^1 blob, 2\.9 KiB: .*\n.*\nfreed: 2\.9 KiB in 1 blob\n$/);
  assert.equal(await files(data), before - 1);
  assert.equal((await berth(["gc", ...flags])).stdout, "nothing to remove\n");
  assert.equal((await berth(["gc", "--dry-run", ...flags])).stdout, "nothing would go\n");
});

test("a run that goes on elsewhere is waited for, then told of", async () => {
  await using server = await startBerth();
  const flags = ["--data", server.data];
  const runs = await Promise.all([berth(["gc", ...flags]), berth(["gc", ...flags])]);
  assert.deepEqual(
    runs.map(({ code }) => code),
    [0, 0],
  );
});

test("what is wrongly asked is told", async () => {
  assert.match((await berth(["gc", "--grace", "100ms"])).stderr, /--grace is at least 1s/);
  assert.match((await berth(["gc", "--grace", "soon"])).stderr, /is not a duration/);
  assert.match((await berth(["gc", "everything"])).stderr, /everything/);
  assert.match((await berth(["help", "gc"])).stdout, /^berth gc - remove what nothing names any more/);
});
