import assert from "node:assert/strict";
import { chmod, mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import { oci, registryClient } from "../harness/registry-client.ts";
import { backUp, leftIn, openPlaces, restore } from "./places.ts";

test("a backup removes nothing in its folder that isn't its own", async () => {
  await using places = await openPlaces();
  await using server = await startBerth();
  await registryClient(server.url).push("app", oci.image({ layers: [Buffer.alloc(3000, "x")] }), "v1");
  await mkdir(places.path("home/unfinished"), { recursive: true });
  const novel = places.path("home/unfinished/novel.txt");
  await writeFile(novel, "chapter one");
  await utimes(novel, 1, 1);
  await backUp(server.data, places.path("one.db"), "--blobs", places.path("home"));
  assert.deepEqual(await leftIn(places.path("home")), ["sha256", "unfinished"]);
  assert.deepEqual(await readdir(places.path("home/unfinished")), ["novel.txt"]);
});

test("a restore reads copies from a folder in which it can make nothing", async () => {
  await using places = await openPlaces();
  await using server = await startBerth();
  await registryClient(server.url).push("app", oci.image({ layers: [Buffer.alloc(3000, "x")] }), "v1");
  const blobs = places.path("blobs");
  await backUp(server.data, places.path("one.db"), "--blobs", blobs);
  await rm(`${blobs}/unfinished`, { recursive: true });
  await chmod(blobs, 0o500);
  try {
    const { blobs: restored } = await restore(places.path("data"), places.path("one.db"), "--blobs", blobs);
    assert.equal(restored.brought, 2);
    assert.deepEqual(await leftIn(blobs), ["sha256"]);
  } finally {
    await chmod(blobs, 0o700);
  }
});
