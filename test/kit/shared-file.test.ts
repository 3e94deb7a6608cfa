import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createBufferPool, type BufferPool } from "#kit/buffer-pool.ts";
import { openForReading, type OpenFile } from "#kit/open-file.ts";
import { shareFile } from "#kit/shared-file.ts";

const KiB = 1024;

/** A file, how often it is read, and a pool that counts. */
async function open(t: TestContext, bytes: Uint8Array) {
  const folder = await mkdtemp(join(tmpdir(), "berth-shared-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "file");
  await writeFile(path, bytes);
  const file = await openForReading(path);
  const counts = { reads: 0, closed: 0, out: 0, mostOut: 0 };
  const watched: OpenFile = {
    ...file,
    fill(buffer, length, position) {
      counts.reads++;
      return file.fill(buffer, length, position);
    },
  };
  const pool = createBufferPool({ size: 4 * KiB, maxIdle: 100 });
  const counted: BufferPool = {
    ...pool,
    take() {
      counts.mostOut = Math.max(counts.mostOut, ++counts.out);
      return pool.take();
    },
    give(buffer) {
      counts.out--;
      pool.give(buffer);
    },
  };
  return { path, counts, reader: shareFile(watched, counted, () => counts.closed++) };
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const chunk of chunks) copies.push(Buffer.from(chunk));
  return Buffer.concat(copies);
}

test("readers at one place share one buffer and one read", async (t) => {
  const bytes = randomBytes(40 * KiB + 5);
  const { reader, counts } = await open(t, bytes);
  const readers = Array.from({ length: 200 }, () => reader());
  const copies = await Promise.all(readers.map((each) => collect(each.read(0, bytes.length - 1))));
  for (const copy of copies) assert.ok(copy.equals(bytes));
  assert.ok(counts.reads <= 2 * 11, `${counts.reads} reads of 11 blocks`);
  assert.ok(counts.mostOut <= 3, `${counts.mostOut} buffers`);
  assert.equal(counts.out, 0);
  await Promise.all(readers.map((each) => each.close()));
  assert.equal(counts.closed, 1);
});

test("any ranges at any time, each gets its own bytes", async (t) => {
  const bytes = randomBytes(30 * KiB);
  const { reader, counts } = await open(t, bytes);
  const one = reader();
  await Promise.all(
    Array.from({ length: 300 }, async (_, i) => {
      const start = (i * 7919) % bytes.length;
      const end = Math.min(bytes.length - 1, start + ((i * 104_729) % 9_000));
      const chunks = one.read(start, end);
      let at = start;
      for await (const chunk of chunks) {
        assert.ok(bytes.subarray(at, at + chunk.length).equals(chunk));
        at += chunk.length;
        if (i % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal(at, end + 1);
    }),
  );
  assert.equal(counts.out, 0);
  await one.close();
});

test("what is added to a block that others look at is read too, and theirs stays as it is", async (t) => {
  const bytes = randomBytes(4 * KiB);
  const { path, reader, counts } = await open(t, bytes.subarray(0, 1000));
  const one = reader();
  const held = one.read(100, 999);
  const chunk = (await held.next()).value ?? assert.fail();
  await appendFile(path, bytes.subarray(1000));
  assert.ok((await collect(one.read(2000, 4095))).equals(bytes.subarray(2000)));
  assert.ok((await collect(one.read(0, 50))).equals(bytes.subarray(0, 51)));
  assert.ok(bytes.subarray(100, 1000).equals(chunk));
  assert.equal(counts.mostOut, 1);
  assert.equal((await held.next()).done, true);
  await one.close();
});

test("who asks for what isn't there spoils nobody else's read", async (t) => {
  const bytes = randomBytes(1000);
  const { reader, counts } = await open(t, bytes);
  const one = reader();
  const results = await Promise.allSettled([
    collect(one.read(0, 1000)),
    collect(one.read(0, 999)),
    collect(one.read(500, 2000)),
    collect(one.read(10, 20)),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["rejected", "fulfilled", "rejected", "fulfilled"],
  );
  assert.equal(counts.out, 0);
  await one.close();
});

test("it stays open until the last reader has closed", async (t) => {
  const { reader, counts } = await open(t, randomBytes(10_000));
  const [one, two] = [reader(), reader()];
  const under = one.read(0, 9_999).next();
  await one.close();
  assert.equal((await under).done, false);
  await one.close();
  await assert.rejects(collect(one.read(0, 1)), /closed/);
  assert.equal((await collect(two.read(0, 9_999))).length, 10_000);
  assert.equal(counts.closed, 0);
  await two.close();
  assert.equal(counts.closed, 1);
});

test("an empty range reads nothing", async (t) => {
  const { reader } = await open(t, Buffer.alloc(0));
  const one = reader();
  assert.equal((await collect(one.read(0, -1))).length, 0);
  await one.close();
});
