import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { digestOf } from "#oci/digest.ts";
import { bodyOf, filesBelow, freshStore } from "./store-folder.ts";

test("folders are 0700 and files 0600, whatever is put where", async (t) => {
  const { path, store } = await freshStore(t);
  const bytes = Buffer.from("private");
  await store.put(digestOf("sha256", bytes), bytes);
  await store.put(digestOf("sha512", bytes), bytes);
  await store.append(store.begin(), 0, bodyOf(bytes));
  await store.commit(store.begin(), digestOf("sha256", Buffer.alloc(0)), 0);
  const names = await readdir(path, { recursive: true });
  let files = 0;
  for (const name of ["", ...names]) {
    const stats = await stat(join(path, name));
    assert.equal((stats.mode & 0o777).toString(8), stats.isDirectory() ? "700" : "600", name);
    if (stats.isFile()) files++;
  }
  assert.equal(files, 4);
});

test("a blob's name says its digest, and is its location", async (t) => {
  const { path, store } = await freshStore(t);
  const bytes = Buffer.from("named");
  const digest = digestOf("sha256", bytes);
  const hex = digest.slice("sha256:".length);
  const location = await store.put(digest, bytes);
  assert.match(location, new RegExp(`^sha256/${hex.slice(0, 2)}/${hex}\\.[A-Za-z0-9_-]{12}$`));
  assert.deepEqual(await filesBelow(join(path, "blobs")), [location]);
});

test("begin makes no file, and a second store in the folder finds what the first left", async (t) => {
  const { path, store } = await freshStore(t);
  for (let i = 0; i < 1000; i++) store.begin();
  assert.deepEqual(await filesBelow(path), []);
  const bytes = Buffer.from("half an upload");
  const handle = store.begin();
  await store.append(handle, 0, bodyOf(bytes.subarray(0, 4)));
  const later = await createDiskStore({ path });
  assert.equal(await later.uploaded(handle), 4);
  await later.append(handle, 4, bodyOf(bytes.subarray(4)));
  const location = await later.commit(handle, digestOf("sha256", bytes), bytes.length);
  assert.equal(await store.stat(location), bytes.length);
});
