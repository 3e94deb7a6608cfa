import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openForReading } from "#kit/open-file.ts";
import { readChunks } from "#adapters/disk/read-chunks.ts";
import { createBufferPool } from "#kit/buffer-pool.ts";
import { digestOf } from "#oci/digest.ts";
import { errno, freshStore, rejects, temporaryFolder, turns } from "./store-folder.ts";

const KiB = 1024;
const size = 100 * KiB;
const short = () => assert.fail("the file is long enough");

async function openedFile(t: TestContext, bytes: Uint8Array) {
  const path = join(await temporaryFolder(t), "file");
  await writeFile(path, bytes);
  const file = await openForReading(path);
  t.after(() => file.close());
  return file;
}

/** Holds back reads until the test lets them go, or ends. To be called before a file is opened. */
function holdReads(t: TestContext) {
  const held: (() => void)[] = [];
  const real = fs.read;
  t.mock.method(fs, "read", (...parts: [number, Buffer, number, number, number, () => void]) => {
    held.push(() => void Reflect.apply(real, fs, parts));
  });
  t.after(() => {
    for (const read of held) read();
  });
  return held;
}

test("a read to the end uses two buffers and gives both back", async (t) => {
  const bytes = randomBytes(10 * size + 5);
  const file = await openedFile(t, bytes);
  const pool = createBufferPool({ size, maxIdle: 10 });
  const parts: Buffer[] = [];
  for await (const chunk of readChunks(file, 0, bytes.length - 1, pool, short))
    parts.push(Buffer.from(chunk));
  assert.ok(Buffer.concat(parts).equals(bytes));
  assert.equal(pool.idle, 2);
});

test("a consumer that stops, or throws, gives its buffers back", async (t) => {
  const bytes = randomBytes(10 * size);
  const file = await openedFile(t, bytes);
  const pool = createBufferPool({ size, maxIdle: 10 });
  for await (const chunk of readChunks(file, 0, bytes.length - 1, pool, short)) {
    assert.equal(chunk.length, size);
    break;
  }
  assert.equal(pool.idle, 2);
  const thrower = readChunks(file, 0, bytes.length - 1, pool, short);
  await thrower.next();
  assert.equal(pool.idle, 0);
  await assert.rejects(thrower.throw(new Error("client left")), /client left/);
  assert.equal(pool.idle, 2);
  await thrower.return();
  assert.equal(pool.idle, 2);
});

test("no buffer goes back, and no file is closed, under a read", async (t) => {
  const held = holdReads(t);
  const bytes = randomBytes(10 * size);
  const file = await openedFile(t, bytes);
  const pool = createBufferPool({ size, maxIdle: 10 });
  const closeCall = t.mock.method(fs, "close");
  const chunks = readChunks(file, 0, bytes.length - 1, pool, short);
  const first = chunks.next();
  held.shift()?.();
  assert.equal((await first).done, false);
  assert.equal(held.length, 1, "the next chunk is being read ahead");
  let stopped = false;
  const stop = chunks.return().then(() => (stopped = true));
  const close = file.close();
  await turns();
  assert.equal(stopped, false);
  assert.equal(pool.idle, 1);
  assert.equal(closeCall.mock.callCount(), 0);
  held.shift()?.();
  await Promise.all([stop, close]);
  assert.equal(pool.idle, 2);
  assert.equal(closeCall.mock.callCount(), 1);
});

test("a range up to a buffer's size is one read", async (t) => {
  const { store } = await freshStore(t);
  const bytes = randomBytes(1024 * KiB);
  await using blob = await store.open(await store.put(digestOf("sha256", bytes), bytes));
  const read = t.mock.method(fs, "read");
  let chunks = 0;
  for await (const chunk of blob.read(0, bytes.length - 1)) {
    assert.ok(bytes.equals(chunk));
    chunks++;
  }
  assert.equal(chunks, 1);
  assert.equal(read.mock.callCount(), 1);
});

test("a read error breaks the read off, gives the buffers back and tells no path", async (t) => {
  const { path, store } = await freshStore(t);
  const bytes = randomBytes(300 * KiB);
  await using blob = await store.open(await store.put(digestOf("sha256", bytes), bytes));
  t.mock.method(fs, "read", (...parts: unknown[]) => (parts[5] as (error: Error) => void)(errno("EIO")));
  const error = await rejects(
    (async () => {
      for await (const chunk of blob.read(0, bytes.length - 1)) assert.fail(`${chunk.length} bytes`);
    })(),
    "storage-failed",
  );
  assert.ok(!error.message.includes(path) && error.cause !== undefined);
});

test("a file cut short on the disk is damage: its size shows at open, its lack while reading", async (t) => {
  const { path, store } = await freshStore(t);
  const bytes = randomBytes(3000 * KiB);
  const digest = digestOf("sha256", bytes);
  const location = await store.put(digest, bytes);
  await using before = await store.open(location);
  await truncate(join(path, "blobs", location), 2500 * KiB);
  await using after = await store.open(location);
  assert.equal(after.size, 2500 * KiB);
  let came = 0;
  const error = await rejects(
    (async () => {
      for await (const chunk of before.read(0, bytes.length - 1)) came += chunk.length;
    })(),
    "blob-damaged",
  );
  assert.equal(error.subject, digest);
  assert.ok(came < bytes.length);
});

test("a folder in the place of a blob is damage", async (t) => {
  const { path, store } = await freshStore(t);
  const bytes = Buffer.from("x");
  const location = await store.put(digestOf("sha256", bytes), bytes);
  fs.unlinkSync(join(path, "blobs", location));
  fs.mkdirSync(join(path, "blobs", location));
  await rejects(store.open(location), "blob-damaged");
});
