import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { test, type TestContext } from "node:test";
import { cachedBytes } from "#adapters/disk/direct-file.ts";
import type { BlobStore } from "#core/blob-store.ts";
import { digestOf } from "#oci/digest.ts";
import { bodyOf, errno, freshStore } from "./store-folder.ts";

type WriteDone = (error: NodeJS.ErrnoException | null, written: number) => void;
type Write = (
  fd: number,
  from: Uint8Array,
  at: number,
  length: number,
  offset: number,
  done: WriteDone,
) => void;
type Open = (path: string, flags: number, mode: number, done: (error: unknown, fd: number) => void) => void;

const { O_DIRECT } = fs.constants as { O_DIRECT?: number };
const realOpen = fs.open as unknown as Open;
const realWrite = fs.write as unknown as Write;

/** Watches which descriptors are direct and how many bytes went through them. */
function watch(t: TestContext, refuse = false) {
  const direct = new Set<number>();
  const seen = { opened: 0, direct: 0, cached: 0 };
  t.mock.method(fs, "open", ((path, flags, mode, done) => {
    realOpen(path, flags, mode, (error, fd) => {
      if (O_DIRECT !== undefined && (flags & O_DIRECT) !== 0) {
        direct.add(fd);
        seen.opened++;
      } else direct.delete(fd);
      done(error, fd);
    });
  }) satisfies Open);
  t.mock.method(fs, "write", ((fd, from, at, length, offset, done) => {
    if (direct.has(fd) && refuse) {
      setImmediate(done, errno("EINVAL"), 0);
      return;
    }
    seen[direct.has(fd) ? "direct" : "cached"] += length;
    realWrite(fd, from, at, length, offset, done);
  }) satisfies Write);
  return seen;
}

async function roundTrip(store: BlobStore, bytes: Buffer): Promise<void> {
  const handle = store.begin();
  const chunks = Array.from({ length: Math.ceil(bytes.length / 65_000) }, (_, i) =>
    bytes.subarray(i * 65_000, (i + 1) * 65_000),
  );
  assert.equal(await store.append(handle, 0, bodyOf(...chunks)), bytes.length);
  const location = await store.commit(handle, digestOf("sha256", bytes), bytes.length);
  await using blob = await store.open(location);
  const parts: Buffer[] = [];
  for await (const part of blob.read(0, blob.size - 1)) parts.push(Buffer.from(part));
  assert.ok(Buffer.concat(parts).equals(bytes));
}

const large = randomBytes(cachedBytes + 1_234_567);

test("a large upload goes past the page cache, its beginning and its odd end don't", async (t) => {
  const { store } = await freshStore(t);
  const seen = watch(t);
  await roundTrip(store, large);
  if (O_DIRECT === undefined) return;
  assert.equal(seen.opened, 1);
  assert.equal(seen.direct, 1_234_567 - (1_234_567 % 4096));
  assert.equal(seen.cached, large.length - seen.direct);
});

test("a file system without direct writes is asked once, and nothing is lost", async (t) => {
  const { store } = await freshStore(t);
  const seen = watch(t, true);
  await roundTrip(store, large);
  await roundTrip(store, large);
  assert.equal(seen.direct, 0);
  assert.equal(seen.cached, 2 * large.length);
  assert.ok(seen.opened <= 1);
});

test("an upload that goes on at an odd place goes through the cache", async (t) => {
  const { store } = await freshStore(t);
  const handle = store.begin();
  const first = cachedBytes + 777;
  await store.append(handle, 0, bodyOf(large.subarray(0, first)));
  const seen = watch(t);
  await store.append(handle, first, bodyOf(large.subarray(first)));
  assert.equal(seen.direct, 0);
  const location = await store.commit(handle, digestOf("sha256", large), large.length);
  await using blob = await store.open(location);
  const parts: Buffer[] = [];
  for await (const part of blob.read(0, blob.size - 1)) parts.push(Buffer.from(part));
  assert.ok(Buffer.concat(parts).equals(large));
});
