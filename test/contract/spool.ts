import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { BlobStore } from "#core/blob-store.ts";
import type { Spool, SpoolReader } from "#core/spool.ts";
import { createGrowth } from "#kit/growth.ts";
import { digestOf } from "#oci/digest.ts";
import { assertHolds, collect, rejects, split } from "./blob-store-checks.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** A spool as two processes have it, and the store that its files become blobs of. */
export interface OpenedSpool {
  spool: Spool;
  other: Spool;
  store: BlobStore;
  close(): Promise<void>;
}

/** What every implementation of Spool promises. `open` gives a fresh one on real parts. */
export function spoolContract(name: string, open: () => Promise<OpenedSpool>): void {
  describe(`spool: ${name}`, () => {
    let spool: Spool;
    let other: Spool;
    let store: BlobStore;
    let close: () => Promise<void>;
    before(async () => {
      ({ spool, other, store, close } = await open());
    });
    after(() => close());

    const whole = (reader: SpoolReader, size: number) => collect(reader.read(0, size - 1));

    test("what is written can be read at once, here and in another process", async () => {
      await using file = await spool.begin();
      const reader = await other.open(file.name);
      assert.ok(reader !== undefined);
      const bytes = randomBytes(3 * MiB + 17);
      let at = 0;
      for (const chunk of split(bytes, 61_007)) {
        await file.write(chunk);
        const end = at + chunk.length - 1;
        assert.ok((await collect(file.read(at, end))).equals(chunk));
        assert.ok((await collect(reader.read(at, end))).equals(chunk));
        at += chunk.length;
      }
      assert.ok((await whole(reader, bytes.length)).equals(bytes));
      assert.ok((await collect(file.read(100, 2 * MiB))).equals(bytes.subarray(100, 2 * MiB + 1)));
      await reader.close();
      await reader.close();
      await file.abort();
    });

    test("a chunk may be used again once its write has resolved", async () => {
      await using file = await spool.begin();
      const chunk = Buffer.alloc(KiB);
      for (let i = 0; i < 10; i++) await file.write(chunk.fill(i));
      const bytes = await whole(file, 10 * KiB);
      for (let i = 0; i < 10; i++) assert.equal(bytes[i * KiB], i);
      await file.abort();
    });

    for (const size of [0, 1, 256 * KiB, 6 * MiB + 5]) {
      test(`${size} bytes become a blob`, async () => {
        const bytes = randomBytes(size);
        await using file = await spool.begin();
        for (const chunk of split(bytes, 64 * KiB)) await file.write(chunk);
        const location = await file.commit(digestOf("sha256", bytes), size);
        if (size > 0) await assertHolds(store, location, bytes);
        assert.equal(await store.stat(location), size);
        // Not taken back by what the caller does to be sure.
        await file.abort();
        assert.equal(await store.stat(location), size);
      });
    }

    test("a blob of sha512", async () => {
      const bytes = randomBytes(1000);
      await using file = await spool.begin();
      await file.write(bytes);
      await assertHolds(store, await file.commit(digestOf("sha512", bytes), 1000), bytes);
    });

    test("readers go on through the commit, and after the writer has closed", async () => {
      const bytes = randomBytes(4 * MiB);
      const file = await spool.begin();
      await file.write(bytes);
      const reader = await other.open(file.name);
      assert.ok(reader !== undefined);
      const slow = reader.read(0, bytes.length - 1)[Symbol.asyncIterator]();
      const own = file.read(0, bytes.length - 1)[Symbol.asyncIterator]();
      const copies = [await slow.next(), await own.next()].map(({ value }) => [Buffer.from(value ?? "")]);
      await file.commit(digestOf("sha256", bytes), bytes.length);
      for (const [i, iterator] of [slow, own].entries())
        for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
          copies[i]?.push(Buffer.from(next.value));
      for (const copy of copies) assert.ok(Buffer.concat(copy).equals(bytes));
      assert.ok((await whole(file, bytes.length)).equals(bytes));
      await file.close();
      assert.ok((await whole(reader, bytes.length)).equals(bytes));
      await reader.close();
    });

    test("a file that became a blob, or was given up, has no name any more", async () => {
      for (const end of ["commit", "abort"] as const) {
        await using file = await spool.begin();
        await file.write(Buffer.from("x"));
        if (end === "commit") await file.commit(digestOf("sha256", Buffer.from("x")), 1);
        else await file.abort();
        assert.equal(await other.open(file.name), undefined);
        await file.abort();
      }
    });

    test("a reader outlives a file that is given up", async () => {
      await using file = await spool.begin();
      await file.write(Buffer.from("so far"));
      await using reader = await other.open(file.name);
      await file.abort();
      assert.equal((await whole(reader as SpoolReader, 6)).toString(), "so far");
    });

    test("names that no spool gave out reach nothing", async () => {
      for (const text of ["", ".", "..", "../x", "/etc/passwd", "a\0b", `${randomUUID()}/../x`, randomUUID()])
        assert.equal(await spool.open(text), undefined);
    });

    test("bytes that aren't there are storage-failed, not a short answer", async () => {
      await using file = await spool.begin();
      await file.write(Buffer.from("abc"));
      await rejects(collect(file.read(0, 3)), "storage-failed");
      await rejects(collect(file.read(7, 9)), "storage-failed");
      await rejects(file.commit(digestOf("sha256", Buffer.from("abcd")), 4), "storage-failed");
      await file.abort();
    });

    test("close waits for reads under way; then there is nothing to read", async () => {
      const file = await spool.begin();
      await file.write(randomBytes(MiB));
      const under = file
        .read(0, MiB - 1)
        [Symbol.asyncIterator]()
        .next();
      const writing = file.write(randomBytes(MiB));
      await Promise.all([file.abort(), file.close()]);
      assert.equal((await under).done, false);
      await writing;
      await rejects(collect(file.read(0, 0)), "storage-failed");
      await rejects(file.write(Buffer.from("x")), "storage-failed");
      await file.close();
    });

    test("a reader that leaves amid a read disturbs nobody", async () => {
      await using file = await spool.begin();
      const bytes = randomBytes(2 * MiB);
      await file.write(bytes);
      for await (const chunk of file.read(0, bytes.length - 1)) {
        assert.ok(chunk.length > 0);
        break;
      }
      assert.ok((await whole(file, bytes.length)).equals(bytes));
      await file.abort();
    });

    test("two hundred follow one file while it grows", async () => {
      const bytes = randomBytes(4 * MiB);
      const expected = digestOf("sha256", bytes);
      await using file = await spool.begin();
      const growth = createGrowth();
      const followers = Array.from({ length: 200 }, async (_, i) => {
        await using reader = await (i % 2 === 0 ? spool : other).open(file.name);
        assert.ok(reader !== undefined);
        const copy = Buffer.alloc(bytes.length);
        let at = 0;
        while (at < bytes.length) {
          await growth.more(at);
          for await (const chunk of reader.read(at, growth.readable - 1)) {
            copy.set(chunk, at);
            at += chunk.length;
          }
        }
        return digestOf("sha256", copy);
      });
      for (const chunk of split(bytes, 64 * KiB)) {
        await file.write(chunk);
        growth.grow(growth.readable + chunk.length);
      }
      growth.end();
      await file.commit(expected, bytes.length);
      assert.deepEqual(new Set(await Promise.all(followers)), new Set([expected]));
    });

    test("a sweep removes what nobody wrote to, and no blob", async () => {
      const left = await spool.begin();
      await left.write(Buffer.from("left"));
      await left.close();
      await using file = await spool.begin();
      await file.write(Buffer.from("x"));
      const location = await file.commit(digestOf("sha256", Buffer.from("x")), 1);
      assert.equal(await other.sweep(Date.now() - 3600_000), 0);
      const kept = await other.open(left.name);
      assert.ok(kept !== undefined);
      await kept.close();
      assert.equal(await other.sweep(Date.now() + 3600_000), 1);
      assert.equal(await other.open(left.name), undefined);
      assert.equal(await store.stat(location), 1);
    });
  });
}
