import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { syncEvery } from "#kit/background-sync.ts";
import { digestOf } from "#oci/digest.ts";
import { bodyOf, errno, filesBelow, freshStore, rejects } from "./store-folder.ts";

/** Notes the calls of node:fs that matter, when they end, and by which path; all of them really happen. */
function record(t: TestContext, root: string): string[] {
  const calls: string[] = [];
  const pathOf = (fd: number) => fs.readlinkSync(`/proc/self/fd/${fd}`).slice(root.length + 1);
  const { fdatasync, fsync, rename, ftruncate } = fs;
  const watch = (name: "fdatasync" | "fsync", real: typeof fdatasync) =>
    t.mock.method(fs, name, (fd: number, done: fs.NoParamCallback) => {
      const path = pathOf(fd);
      real(fd, (error) => {
        calls.push(`${name} ${path}`);
        done(error);
      });
    });
  watch("fdatasync", fdatasync);
  watch("fsync", fsync);
  t.mock.method(fs, "ftruncate", (fd: number, size: number, done: fs.NoParamCallback) => {
    calls.push(`cut ${pathOf(fd)}`);
    ftruncate(fd, size, done);
  });
  t.mock.method(fs, "rename", (from: string, to: string, done: fs.NoParamCallback) => {
    calls.push(`rename ${from.slice(root.length + 1)} ${to.slice(root.length + 1)}`);
    rename(from, to, done);
  });
  return calls;
}

test("commit: the bytes are synced, then renamed, then the name is synced", async (t) => {
  const { path, store } = await freshStore(t);
  const bytes = randomBytes(1000);
  const digest = digestOf("sha256", bytes);
  const shard = `blobs/sha256/${digest.slice(7, 9)}`;
  const handle = store.begin();
  await store.append(handle, 0, bodyOf(bytes, Buffer.from("tail")));
  const calls = record(t, path);
  const location = await store.commit(handle, digest, bytes.length);
  const parent = calls.indexOf("fsync blobs/sha256");
  const rename = calls.indexOf(`rename uploads/${handle} blobs/${location}`);
  assert.ok(parent >= 0 && parent < rename, "the new folder is durable before it is used");
  calls.splice(parent, 1);
  assert.deepEqual(calls, [
    `cut uploads/${handle}`,
    `fdatasync uploads/${handle}`,
    `rename uploads/${handle} blobs/${location}`,
    `fsync ${shard}`,
  ]);
});

test("put does the same, and makes a folder durable only once", async (t) => {
  const { path, store } = await freshStore(t);
  const bytes = randomBytes(1000);
  const digest = digestOf("sha256", bytes);
  await store.put(digest, bytes);
  const calls = record(t, path);
  const location = await store.put(digest, bytes);
  assert.equal(calls.length, 3);
  assert.match(calls[0] ?? "", /^fdatasync uploads\//);
  assert.match(calls[1] ?? "", new RegExp(`^rename uploads/\\S+ blobs/${location}$`));
  assert.equal(calls[2], `fsync blobs/sha256/${digest.slice(7, 9)}`);
});

test("commits into one folder at the same time share its syncs", async (t) => {
  const { path, store } = await freshStore(t);
  const bytes = randomBytes(10);
  const digest = digestOf("sha256", bytes);
  await store.put(digest, bytes);
  const calls = record(t, path);
  await Promise.all(Array.from({ length: 30 }, () => store.put(digest, bytes)));
  const syncs = calls.filter((call) => call.startsWith("fsync "));
  assert.ok(syncs.length < 30, `${syncs.length} syncs of the folder`);
  assert.match(calls.at(-1) ?? "", /^fsync /);
});

test("after a failed sync at the commit the bytes are not trusted again", async (t) => {
  const { path, store } = await freshStore(t);
  const bytes = randomBytes(10);
  const handle = store.begin();
  await store.append(handle, 0, bodyOf(bytes));
  t.mock.method(fs, "fdatasync", (_fd: number, done: fs.NoParamCallback) => done(errno("EIO")), { times: 1 });
  const error = await rejects(store.commit(handle, digestOf("sha256", bytes), 10), "storage-failed");
  assert.equal((error.cause as NodeJS.ErrnoException).code, "EIO");
  assert.equal(await store.uploaded(handle), 0);
  assert.deepEqual(await filesBelow(path), []);
});

test("a folder that can't be synced leaves no blob behind, nor a put's file", async (t) => {
  const { path, store } = await freshStore(t);
  const bytes = randomBytes(10);
  const digest = digestOf("sha256", bytes);
  await store.delete(await store.put(digest, bytes));
  t.mock.method(fs, "fsync", (_fd: number, done: fs.NoParamCallback) => done(errno("EIO")), { times: 1 });
  await rejects(store.put(digest, bytes), "storage-failed");
  assert.deepEqual(await filesBelow(path), []);
  await store.put(digest, bytes);
});

test("a large upload is synced while it comes in; a sync that fails then is told", async (t) => {
  const { path, store } = await freshStore(t);
  const chunk = randomBytes(1024 * 1024);
  const chunks = Array<Uint8Array>(syncEvery / chunk.length + 2).fill(chunk);
  const handle = store.begin();
  const calls = record(t, path);
  await store.append(handle, 0, bodyOf(...chunks));
  assert.deepEqual(calls, [`fdatasync uploads/${handle}`]);

  const other = store.begin();
  t.mock.method(fs, "fdatasync", (_fd: number, done: fs.NoParamCallback) => done(errno("ENOSPC")));
  await rejects(store.append(other, 0, bodyOf(...chunks)), "storage-full");
  assert.equal(await store.uploaded(other), 0);
});

test("a blob folder that somebody removed is made again", async (t) => {
  const { path, store } = await freshStore(t);
  const bytes = randomBytes(10);
  const digest = digestOf("sha256", bytes);
  await store.delete(await store.put(digest, bytes));
  fs.rmdirSync(join(path, "blobs/sha256", digest.slice(7, 9)));
  await rejects(store.put(digest, bytes), "storage-failed");
  await store.put(digest, bytes);
});
