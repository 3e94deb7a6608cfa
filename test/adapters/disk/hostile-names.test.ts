import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Location, UploadHandle } from "#core/blob-store.ts";
import { digestOf } from "#oci/digest.ts";
import { bodyOf, filesBelow, freshStore, rejects } from "./store-folder.ts";

const uuid = "0d5ad0f0-9a4c-4c6f-8f0a-1b2c3d4e5f60";
const hex = "ab".repeat(32);
const good = `sha256/ab/${hex}.AAAAAAAAAAAA`;

test("a handle that isn't one of ours is refused by every call that takes one", async (t) => {
  const { path, store } = await freshStore(t);
  await writeFile(join(path, "secret"), "secret");
  const bytes = Buffer.from("x");
  const hostile = [
    "../secret",
    `../uploads/${uuid}`,
    `${uuid}/`,
    `${uuid}\n`,
    `${uuid}\0`,
    `./${uuid}`,
    "..",
  ];
  for (const text of [...hostile, uuid.toUpperCase(), `${uuid}a`]) {
    const handle = text as UploadHandle;
    await rejects(store.uploaded(handle), "storage-failed");
    await rejects(store.append(handle, 0, bodyOf(bytes)), "storage-failed");
    await rejects(store.commit(handle, digestOf("sha256", bytes), 1), "storage-failed");
    await rejects(store.abort(handle), "storage-failed");
    assert.throws(() => store.reread(handle, 1));
  }
  assert.deepEqual(await filesBelow(path), ["secret"]);
});

test("a location that isn't one of ours is refused by every call that takes one", async (t) => {
  const { path, store } = await freshStore(t);
  await writeFile(join(path, "secret"), "secret");
  const hostile = [
    "../secret",
    `../blobs/${good}`,
    `${good}/..`,
    `${good}\n`,
    good.replace("sha256", "sha512"),
    good.replace("/ab/", "/ac/"),
    good.replace("/ab/", "/../"),
    good.toUpperCase(),
    `${good}A`,
    good.slice(0, -13),
    good.replace("AAAAAAAAAAAA", "../../../../"),
    `/${good}`,
  ];
  for (const text of hostile) {
    const location = text as Location;
    const error = await rejects(store.open(location), "blob-damaged");
    assert.ok(!error.message.includes(path));
    await rejects(store.stat(location), "blob-damaged");
    await rejects(store.delete(location), "blob-damaged");
  }
  assert.deepEqual(await filesBelow(path), ["secret"]);
  assert.equal(await store.stat(good as Location), undefined);
});

test("foreign names among the uploads are never listed as stale", async (t) => {
  const { path, store } = await freshStore(t);
  await writeFile(join(path, "uploads", "README"), "");
  await mkdir(join(path, "uploads", "lost+found"));
  await writeFile(join(path, "uploads", uuid), "left by a crash");
  const handles: UploadHandle[] = [];
  for await (const handle of store.staleUploads(Date.now() + 60_000)) handles.push(handle);
  assert.deepEqual(handles, [uuid]);
});
