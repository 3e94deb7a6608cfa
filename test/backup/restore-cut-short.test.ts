import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { stringify } from "yaml";
import { berth } from "../cli/captured.ts";
import { blobFile } from "../distribution/blob-files.ts";
import { startBerth } from "../harness/berth.ts";
import { spawnBerth } from "../harness/process.ts";
import { freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { backUp, leftIn, openPlaces, restore, verify } from "./places.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;
const images = 40;

/** Files that tell that blobs were brought and recorded: six are copied at once, each with a draft at most. */
const manyFiles = 16;

test("a restore that fails before it is done leaves nothing of its own in a new folder", async () => {
  await using places = await openPlaces();
  const data = places.path("data");
  await writeFile(places.path("no.db"), "no database at all");
  for (const file of ["no.db", "missing.db"]) {
    const { code } = await berth(["restore", places.path(file), "--data", data]);
    assert.equal(code, 1);
    assert.ok(!existsSync(data));
  }
});

test("bytes in place that are others are brought from the backup", async () => {
  await using places = await openPlaces();
  const [file, blobs] = [places.path("one.db"), places.path("blobs")];
  const data = places.path("data");
  const content = oci.image({ layers: [freshBytes(5000)] });
  {
    await using server = await spawnBerth({ data });
    await registryClient(server.url).push("a", content, "v1");
    await backUp(data, file, "--blobs", blobs);
  }
  const stored = await blobFile(data, content.blobs[1]?.digest ?? "");
  const bytes = (await readFile(stored)).reverse();
  // Not in place: the copy is a second name of that file.
  await rm(stored);
  await writeFile(stored, bytes);
  const { blobs: done } = await restore(data, file, "--blobs", blobs, "--force");
  assert.deepEqual([done.present, done.brought], [1, 1]);
  assert.equal((await verify(data)).code, 0);
});

test("a restore that was killed left the folder as it was, and goes on when it is run again", async () => {
  await using places = await openPlaces();
  const [file, blobs, data] = [places.path("one.db"), places.path("blobs"), places.path("data")];
  {
    await using server = await startBerth();
    const client = registryClient(server.url);
    for (let i = 0; i < images; i++)
      await client.push("a", oci.image({ layers: [freshBytes(2 * 1024 * 1024)] }), `v${i}`);
    await backUp(server.data, file, "--blobs", blobs);
  }
  const config = places.path("berth.yaml");
  await writeFile(config, stringify({ data }));
  const child = spawn(
    process.execPath,
    ["--conditions=berth-src", main, "restore", file, "--blobs", blobs, "--config", config],
    { stdio: "ignore" },
  );
  const ended = once(child, "exit");
  const brought = async () => {
    const found = await readdir(join(data, "storage", "blobs"), { recursive: true }).catch(() => []);
    return found.filter((name) => name.includes(".")).length;
  };
  for (let looks = 0; (await brought()) < manyFiles && child.exitCode === null && looks < 5000; looks++)
    await pause(2);
  child.kill("SIGKILL");
  await ended;
  assert.equal(child.signalCode, "SIGKILL", "it was still at it");
  assert.ok((await leftIn(data)).some((name) => /^restore-[0-9a-f]{32}\.db$/.test(name)));
  assert.ok(!existsSync(join(data, "berth.db-wal")));
  const { blobs: done } = await restore(data, file, "--blobs", blobs);
  assert.ok(done.present > 0, "what was brought before was not brought again");
  assert.equal(done.present + done.brought, 2 * images);
  assert.equal((await verify(data)).code, 0);
  assert.deepEqual(
    (await leftIn(data)).filter((name) => /restore|draft/.test(name)),
    [],
  );
});
