import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { createLocalSpool } from "#adapters/local-spool/local-spool.ts";
import type { BlobStore } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { digestOf } from "#oci/digest.ts";
import { collect, listed, rejects } from "../../contract/blob-store-checks.ts";

async function open(t: TestContext, broken: Partial<BlobStore> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "berth-local-spool-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "fetching");
  const store = await createDiskStore({ path: join(folder, "store") });
  return { path, store, spool: await createLocalSpool({ path, store: { ...store, ...broken } }) };
}

test("a store that takes nothing is told; the bytes can still be read, until they are given up", async (t) => {
  const away = () => Promise.reject(new AppError("unavailable", "the bucket is away"));
  const { path, store, spool } = await open(t, { commit: away });
  await using file = await spool.begin();
  const bytes = randomBytes(10_000);
  await file.write(bytes);
  await rejects(file.commit(digestOf("sha256", bytes), bytes.length), "unavailable");
  assert.ok((await collect(file.read(0, 9_999))).equals(bytes));
  assert.deepEqual(await listed(store, Date.now() + 3600_000), [], "the upload was aborted");
  await file.abort();
  assert.deepEqual(await readdir(path), []);
});

test("a file that lost bytes is the storage's fault, and nothing is stored", async (t) => {
  const { path, store, spool } = await open(t);
  await using file = await spool.begin();
  await file.write(randomBytes(10_000));
  await truncate(join(path, file.name), 5_000);
  await rejects(file.commit(digestOf("sha256", Buffer.from("")), 10_000), "storage-failed");
  assert.deepEqual(await listed(store, Date.now() + 3600_000), []);
});

test("its folder and files are the owner's alone, and others' files are left alone", async (t) => {
  const { path, store, spool } = await open(t);
  await chmod(path, 0o755);
  const again = await createLocalSpool({ path, store });
  assert.equal((await stat(path)).mode & 0o777, 0o700);
  await using file = await spool.begin();
  assert.equal((await stat(join(path, file.name))).mode & 0o777, 0o600);
  await writeFile(join(path, "notes.txt"), "mine");
  assert.equal(await again.sweep(Date.now() + 3600_000), 1);
  assert.deepEqual(await readdir(path), ["notes.txt"]);
});

test("a place that can't be a folder is named", async (t) => {
  const { path, store } = await open(t);
  const file = join(path, "file");
  await writeFile(file, "");
  const error = await rejects(createLocalSpool({ path: join(file, "in"), store }), "storage-failed");
  assert.match(error.message, /could not be made/);
});
