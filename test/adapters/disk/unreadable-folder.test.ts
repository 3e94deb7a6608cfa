import assert from "node:assert/strict";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { AppError } from "#core/errors.ts";
import { digestOf } from "#oci/digest.ts";
import { tempFolder } from "../sqlite/temp-folder.ts";

test("folders that aren't the store's are passed over; one that can't be read is told of after all others", async () => {
  using folder = tempFolder();
  const path = folder.file("store");
  const store = await createDiskStore({ path });
  const locations: string[] = [];
  for (let i = 0; i < 20; i++) {
    const bytes = Buffer.from(`${i}`);
    locations.push(await store.put(digestOf("sha256", bytes), bytes));
  }
  const blobs = join(path, "blobs");
  await mkdir(join(blobs, "lost+found"));
  await mkdir(join(blobs, "sha256", "lost+found"));
  await writeFile(join(blobs, "sha256", ".hidden"), "");
  const found: string[] = [];
  for await (const { location } of store.list()) found.push(location);
  assert.deepEqual(found.sort(), locations.sort());
  // A link to itself: root may read all else.
  const shard = join(blobs, String(locations[0]).slice(0, 9));
  await rename(shard, folder.file("aside"));
  await symlink(shard, shard);
  const rest: string[] = [];
  await assert.rejects(
    async () => {
      for await (const { location } of store.list()) rest.push(location);
    },
    (error: unknown) => error instanceof AppError && error.code === "storage-failed",
  );
  const elsewhere = locations.filter((location) => !location.startsWith(String(locations[0]).slice(0, 9)));
  assert.deepEqual(rest.sort(), elsewhere.sort());
  await rm(shard);
});
