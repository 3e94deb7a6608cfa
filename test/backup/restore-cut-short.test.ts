import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { stringify } from "yaml";
import { startBerth } from "../harness/berth.ts";
import { freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { backUp, leftIn, openPlaces, restore, verify } from "./places.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;
const images = 40;

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
  for (let looks = 0; (await brought()) < 5 && child.exitCode === null && looks < 5000; looks++)
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
