import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createDiskSpool } from "#adapters/disk/disk-spool.ts";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { syncEvery } from "#kit/background-sync.ts";
import { digestOf } from "#oci/digest.ts";
import { bodyOf, listed } from "../../contract/blob-store-checks.ts";
import { spoolContract } from "../../contract/spool.ts";
import { errno, filesBelow, freshStore, mountless, onTmpfs, rejects } from "./store-folder.ts";

const KiB = 1024;

spoolContract("disk", async () => {
  const folder = await mkdtemp(join(tmpdir(), "berth-disk-"));
  const path = join(folder, "store");
  return {
    store: await createDiskStore({ path }),
    spool: createDiskSpool({ path }),
    other: createDiskSpool({ path }),
    close: () => rm(folder, { recursive: true }),
  };
});

test("the blob is the file itself: synced, renamed, its folder synced, nothing copied", async (t) => {
  const { path, store } = await freshStore(t);
  await using file = await createDiskSpool({ path }).begin();
  const bytes = randomBytes(100 * KiB);
  await file.write(bytes);
  const { ino } = await stat(join(path, "uploads", file.name));
  const calls: string[] = [];
  const { fdatasync, rename, fsync } = fs;
  t.mock.method(fs, "fdatasync", (fd: number, done: fs.NoParamCallback) => {
    calls.push("sync");
    fdatasync(fd, done);
  });
  t.mock.method(fs, "rename", (from: string, to: string, done: fs.NoParamCallback) => {
    calls.push("rename");
    rename(from, to, done);
  });
  t.mock.method(fs, "fsync", (fd: number, done: fs.NoParamCallback) => {
    const folder = fs.readlinkSync(`/proc/self/fd/${fd}`).slice(path.length + 1);
    if (folder !== "blobs/sha256") calls.push(`sync ${folder}`);
    fsync(fd, done);
  });
  const digest = digestOf("sha256", bytes);
  const location = await file.commit(digest, bytes.length);
  assert.deepEqual(calls, ["sync", "rename", `sync blobs/sha256/${digest.slice(7, 9)}`]);
  const blob = await stat(join(path, "blobs", location));
  assert.equal(blob.ino, ino);
  assert.equal(blob.mode & 0o777, 0o600);
  assert.equal(await store.stat(location), bytes.length);
});

test("all readers of a process share a descriptor, which goes with the last of them", async (t) => {
  const { path } = await freshStore(t);
  const file = await createDiskSpool({ path }).begin();
  await file.write(Buffer.from("bytes"));
  const there = () =>
    fs.readdirSync("/proc/self/fd").filter((fd) => linkOf(fd).includes(`uploads/${file.name}`)).length;
  const other = createDiskSpool({ path });
  assert.equal(there(), 1);
  const readers = await Promise.all(Array.from({ length: 200 }, () => other.open(file.name)));
  assert.ok(readers.every((reader) => reader !== undefined));
  assert.equal(there(), 2);
  await Promise.all(readers.map((reader) => reader?.close()));
  assert.equal(there(), 1);
  await file.abort();
  await file.close();
  assert.equal(there(), 0);
});

test("a large file is written out while it comes in; a failure then is told, and nothing of it kept", async (t) => {
  const { path } = await freshStore(t);
  const spool = createDiskSpool({ path });
  const chunk = randomBytes(1024 * KiB);
  await using file = await spool.begin();
  let syncs = 0;
  t.mock.method(fs, "fdatasync", (_fd: number, done: fs.NoParamCallback) => {
    syncs++;
    done(errno("EIO"));
  });
  for (let size = 0; size < syncEvery; size += chunk.length) await file.write(chunk);
  assert.equal(syncs, 1);
  t.mock.restoreAll();
  await rejects(file.commit(digestOf("sha256", chunk), syncEvery), "storage-failed");
  assert.deepEqual(await filesBelow(path), []);
});

test("the purge of stale uploads finds strays; a sweep leaves uploads alone", async (t) => {
  const { path, store } = await freshStore(t);
  const spool = createDiskSpool({ path });
  const upload = store.begin();
  await store.append(upload, 0, bodyOf([Buffer.from("half of it")]));
  await using file = await spool.begin();
  const later = Date.now() + 3600_000;
  assert.deepEqual((await listed(store, later)).sort(), [upload, file.name].sort());
  assert.equal(await spool.sweep(later), 1);
  assert.deepEqual(await listed(store, later), [upload]);
});

test("a disk that is full is told, and the file leaves nothing", { skip: mountless }, (t) =>
  onTmpfs(t, "size=2m", async (folder) => {
    const path = join(folder, "store");
    await createDiskStore({ path });
    const spool = createDiskSpool({ path });
    const file = await spool.begin();
    const fill = async () => {
      for (let i = 0; i < 40; i++) await file.write(randomBytes(64 * KiB));
    };
    const error = await rejects(fill(), "storage-full");
    assert.ok(!error.message.includes(folder));
    // What failed halfway isn't gone on with.
    await rejects(file.write(Buffer.from("x")), "storage-full");
    await file.abort();
    await file.close();
    assert.deepEqual(await filesBelow(path), []);
    await using next = await spool.begin();
    await next.write(randomBytes(64 * KiB));
    await next.abort();
  }),
);

/** What a descriptor of this process leads to; nothing for one that was closed just now. */
function linkOf(fd: string): string {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}
