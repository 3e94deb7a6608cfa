import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { type TestContext, test } from "node:test";
import { batchBytes } from "#adapters/disk/batch-writer.ts";
import { digestOf } from "#oci/digest.ts";
import { bodyOf, errno, freshStore, rejects, turns, until } from "./store-folder.ts";

type WriteDone = (error: NodeJS.ErrnoException | null, written: number) => void;

/** Replaces writev; `instead` decides what happens with the bytes. */
function onWritev(
  t: TestContext,
  instead: (fd: number, chunks: Uint8Array[], offset: number, done: WriteDone) => void,
) {
  return t.mock.method(fs, "writev", instead);
}

test("a small body is one write, a large one a write a mebibyte", async (t) => {
  const { store } = await freshStore(t);
  const real = fs.writev;
  const sizes: number[] = [];
  onWritev(t, (fd, chunks, offset, done) => {
    sizes.push(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    real(fd, chunks, offset, done as Parameters<typeof real>[3]);
  });
  const chunk = randomBytes(64 * 1024);
  await store.append(store.begin(), 0, bodyOf(...Array<Uint8Array>(3).fill(chunk)));
  assert.deepEqual(sizes, [3 * chunk.length]);
  sizes.length = 0;
  await store.append(store.begin(), 0, bodyOf(...Array<Uint8Array>(40).fill(chunk)));
  assert.deepEqual(sizes, [batchBytes, batchBytes, batchBytes / 2]);
});

test("one write is under way and one batch gathers; then the body waits", async (t) => {
  const { store } = await freshStore(t);
  const real = fs.writev;
  const held: (() => void)[] = [];
  onWritev(t, (fd, chunks, offset, done) => {
    held.push(() => real(fd, chunks, offset, done as Parameters<typeof real>[3]));
  });
  const chunk = randomBytes(64 * 1024);
  const perBatch = batchBytes / chunk.length;
  let taken = 0;
  async function* body() {
    for (let i = 0; i < 10 * perBatch; i++) {
      taken++;
      yield chunk;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const appended = store.append(store.begin(), 0, body());
  let ended = false;
  const end = appended.finally(() => (ended = true));
  await until(() => taken === 2 * perBatch);
  await turns();
  assert.equal(taken, 2 * perBatch);
  let most = 0;
  await until(() => {
    most = Math.max(most, held.length);
    held.shift()?.();
    return ended;
  });
  assert.equal(most, 1);
  assert.equal(await end, 10 * batchBytes);
});

test("after short writes each byte is still in its place", async (t) => {
  const { store } = await freshStore(t);
  const realWrite = fs.write;
  onWritev(t, (fd, chunks, offset, done) => {
    // As a nearly full disk or a signal does: a part of the bytes, ending inside a chunk.
    const part = Buffer.concat(chunks).subarray(0, 100_001);
    realWrite(fd, part, 0, part.length, offset, done);
  });
  t.mock.method(
    fs,
    "write",
    (fd: number, from: Buffer, at: number, length: number, offset: number, done: WriteDone) => {
      const some = Math.min(length, 30_000);
      realWrite(fd, from, at, some, offset, done);
    },
  );
  const bytes = randomBytes(3_000_000);
  const chunks = Array.from({ length: 60 }, (_, i) => bytes.subarray(i * 50_000, (i + 1) * 50_000));
  const handle = store.begin();
  assert.equal(await store.append(handle, 0, bodyOf(...chunks)), bytes.length);
  const parts: Buffer[] = [];
  for await (const chunk of store.reread(handle, bytes.length) ?? []) parts.push(Buffer.from(chunk));
  assert.ok(Buffer.concat(parts).equals(bytes));
});

test("a write that fails stops the body", async (t) => {
  const { store } = await freshStore(t);
  onWritev(t, (_fd, _chunks, _offset, done) => setImmediate(done, errno("EIO"), 0));
  const chunk = randomBytes(64 * 1024);
  let taken = 0;
  let stopped = false;
  async function* endless() {
    try {
      for (; taken < 10_000; taken++) {
        yield chunk;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      stopped = true;
    }
  }
  const error = await rejects(store.append(store.begin(), 0, endless()), "storage-failed");
  assert.equal((error.cause as NodeJS.ErrnoException).code, "EIO");
  assert.ok(stopped);
  assert.ok(taken < 100, `${taken} chunks were taken`);
});

test("out of file handles is busy, to be tried again, and leaves nothing behind", async (t) => {
  const { store } = await freshStore(t);
  const bytes = Buffer.from("patience");
  const digest = digestOf("sha256", bytes);
  const location = await store.put(digest, bytes);
  const real = fs.openSync;
  t.mock.method(fs, "open", (_path: string, _flags: number, _mode: number, done: WriteDone) =>
    done(errno("EMFILE"), 0),
  );
  for (const call of [
    store.open(location),
    store.put(digest, bytes),
    store.append(store.begin(), 0, bodyOf(bytes)),
    store.check(),
  ]) {
    assert.equal((await rejects(call, "busy")).retryAfter, 1);
  }
  t.mock.restoreAll();
  t.mock.method(fs, "openSync", () => {
    throw errno("EMFILE");
  });
  await rejects(store.put(digest, bytes), "busy");
  t.mock.restoreAll();
  assert.equal(fs.openSync, real);
  await store.put(digest, bytes);
});
