import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { type TestContext, test } from "node:test";
import { pieceBytes } from "#adapters/disk/pieces.ts";
import type { BlobStore, UploadHandle } from "#core/blob-store.ts";
import { digestOf } from "#oci/digest.ts";
import { bodyOf, errno, freshStore, rejects, turns, until } from "./store-folder.ts";

type WriteDone = (error: NodeJS.ErrnoException | null, written: number) => void;
type Write = (
  fd: number,
  from: Uint8Array,
  at: number,
  length: number,
  offset: number,
  done: WriteDone,
) => void;

/** Replaces fs.write; `instead` decides what happens with the bytes. */
function onWrite(t: TestContext, instead: Write) {
  return t.mock.method(fs, "write", instead);
}

const realWrite = fs.write as unknown as Write;
const chunk = randomBytes(64 * 1024);
const perPiece = pieceBytes / chunk.length;

test("a small body is one write, a large one a write a piece", async (t) => {
  const { store } = await freshStore(t);
  const sizes: number[] = [];
  onWrite(t, (fd, from, at, length, offset, done) => {
    sizes.push(length);
    realWrite(fd, from, at, length, offset, done);
  });
  await store.append(store.begin(), 0, bodyOf(...Array<Uint8Array>(3).fill(chunk)));
  assert.deepEqual(sizes, [3 * chunk.length]);
  sizes.length = 0;
  await store.append(store.begin(), 0, bodyOf(...Array<Uint8Array>(2.5 * perPiece).fill(chunk)));
  assert.deepEqual(sizes, [pieceBytes, pieceBytes, pieceBytes / 2]);
});

test("one write is under way and one piece gathers; then the body waits", async (t) => {
  const { store } = await freshStore(t);
  const held: (() => void)[] = [];
  onWrite(t, (...write) => {
    held.push(() => {
      realWrite(...write);
    });
  });
  let taken = 0;
  async function* body() {
    for (let i = 0; i < 10 * perPiece; i++) {
      taken++;
      yield chunk;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const appended = store.append(store.begin(), 0, body());
  let ended = false;
  const end = appended.finally(() => (ended = true));
  await until(() => taken === 2 * perPiece);
  await turns();
  assert.equal(taken, 2 * perPiece);
  let most = 0;
  await until(() => {
    most = Math.max(most, held.length);
    held.shift()?.();
    return ended;
  });
  assert.equal(most, 1);
  assert.equal(await end, 10 * pieceBytes);
});

/** What an unfinished upload holds. */
async function stored(store: BlobStore, handle: UploadHandle, size: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of store.reread(handle, size) ?? []) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

test("the body may use its buffers again, and its chunks may have any size", async (t) => {
  const { store } = await freshStore(t);
  const bytes = randomBytes(3_000_000);
  async function* body() {
    const buffer = Buffer.alloc(700_000);
    for (let at = 0, size = 1; at < bytes.length; at += size, size = Math.min(size * 3, 700_000)) {
      const count = bytes.copy(buffer, 0, at, at + size);
      yield buffer.subarray(0, count);
      buffer.fill(0);
    }
  }
  const handle = store.begin();
  assert.equal(await store.append(handle, 0, body()), bytes.length);
  assert.ok((await stored(store, handle, bytes.length)).equals(bytes));
});

test("after short writes each byte is still in its place", async (t) => {
  const { store } = await freshStore(t);
  onWrite(t, (fd, from, at, length, offset, done) => {
    // As a nearly full disk or a signal does.
    realWrite(fd, from, at, Math.min(length, 100_001), offset, done);
  });
  const bytes = randomBytes(3_000_000);
  const chunks = Array.from({ length: 60 }, (_, i) => bytes.subarray(i * 50_000, (i + 1) * 50_000));
  const handle = store.begin();
  assert.equal(await store.append(handle, 0, bodyOf(...chunks)), bytes.length);
  assert.ok((await stored(store, handle, bytes.length)).equals(bytes));
});

test("a write that fails stops the body", async (t) => {
  const { store } = await freshStore(t);
  onWrite(t, (_fd, _from, _at, _length, _offset, done) => setImmediate(done, errno("EIO"), 0));
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
