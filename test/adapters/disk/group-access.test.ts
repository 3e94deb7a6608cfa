import assert from "node:assert/strict";
import { chmod, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import type { BlobStore, Location } from "#core/blob-store.ts";
import { digestOf } from "#oci/digest.ts";
import { bodyOf, temporaryFolder } from "./store-folder.ts";

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

async function linked(store: BlobStore, location: Location): Promise<string> {
  const link = await store.link(location, { method: "GET", range: undefined, ttl: 1_000 });
  assert.equal(link?.kind, "file");
  return link?.path ?? "";
}

test("with groupReads the group gets at blobs, and at nothing else", async (t) => {
  const path = join(await temporaryFolder(t), "store");
  const store = await createDiskStore({ path, groupReads: true });
  const bytes = Buffer.from("for the proxy");
  const handle = store.begin();
  await store.append(handle, 0, bodyOf(bytes));
  await store.append(store.begin(), 0, bodyOf(bytes));
  for (const location of [
    await store.commit(handle, digestOf("sha256", bytes), bytes.length),
    await store.put(digestOf("sha512", bytes), bytes),
  ]) {
    const file = join(path, "blobs", await linked(store, location));
    assert.equal(await modeOf(file), "640");
    for (const folder of [dirname(file), dirname(dirname(file)), join(path, "blobs")])
      assert.equal(await modeOf(folder), "750");
  }
  assert.equal(await modeOf(path), "710");
  assert.equal(await modeOf(join(path, "uploads")), "700");
  for (const name of await readdir(join(path, "uploads")))
    assert.equal(await modeOf(join(path, "uploads", name)), "600");
});

test("what a store without groupReads made is opened to the group later on", async (t) => {
  const path = join(await temporaryFolder(t), "store");
  const bytes = Buffer.from("from before");
  const before = await createDiskStore({ path });
  const location = await before.put(digestOf("sha256", bytes), bytes);
  const file = join(path, "blobs", await linked(before, location));
  assert.equal(await modeOf(file), "600");
  const store = await createDiskStore({ path, groupReads: true });
  assert.equal(await modeOf(dirname(file)), "750");
  assert.equal(await linked(store, location), location);
  assert.equal(await modeOf(file), "640");
});

test("folders that a narrow umask made are opened to the group all the same", async (t) => {
  const path = join(await temporaryFolder(t), "store");
  const umask = process.umask(0o077);
  try {
    const store = await createDiskStore({ path, groupReads: true });
    const bytes = Buffer.from("umask");
    const location = await store.put(digestOf("sha256", bytes), bytes);
    const file = join(path, "blobs", await linked(store, location));
    assert.equal(await modeOf(file), "640");
    assert.equal(await modeOf(dirname(file)), "750");
  } finally {
    process.umask(umask);
  }
});

test("the folder of the store keeps the rights that its owner gave it", async (t) => {
  const path = join(await temporaryFolder(t), "store");
  await createDiskStore({ path });
  await chmod(path, 0o755);
  await createDiskStore({ path, groupReads: true });
  assert.equal(await modeOf(path), "755");
});

test("a link to a blob that is just being deleted is no error", async (t) => {
  const path = join(await temporaryFolder(t), "store");
  const store = await createDiskStore({ path, groupReads: true });
  const bytes = Buffer.from("gone");
  const location = await store.put(digestOf("sha256", bytes), bytes);
  await store.delete(location);
  assert.equal(await linked(store, location), location);
});
