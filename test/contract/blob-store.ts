import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { BlobStore, Location, OpenBlob, UploadHandle } from "#core/blob-store.ts";
import { digestOf } from "#oci/digest.ts";
import { assertHolds, bodyOf, collect, listed, rejects, split } from "./blob-store-checks.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** What every implementation of BlobStore promises. `open` gives a fresh, empty store on real parts. */
export function blobStoreContract(
  name: string,
  open: () => Promise<{ store: BlobStore; close(): Promise<void> }>,
): void {
  describe(`blob store: ${name}`, () => {
    let store: BlobStore;
    let close: () => Promise<void>;
    before(async () => {
      ({ store, close } = await open());
    });
    after(() => close());

    async function uploadOf(...chunks: Uint8Array[]): Promise<UploadHandle> {
      const handle = store.begin();
      await store.append(handle, 0, bodyOf(chunks));
      return handle;
    }

    describe("uploads", () => {
      test("a handle that never got any bytes holds 0, and each handle is its own", async () => {
        const handle = store.begin();
        assert.notEqual(handle, store.begin());
        assert.equal(await store.uploaded(handle), 0);
      });

      const patterns: [string, number[]][] = [
        ["one small chunk", [10 * KiB]],
        ["chunks as HTTP brings them", Array<number>(150).fill(64 * KiB - 1)],
        ["huge, tiny and empty chunks mixed", [3 * MiB + 7, 1, 0, 700 * KiB, 400 * KiB, 5, 2 * MiB]],
        ["very many small chunks", Array<number>(20_000).fill(17)],
      ];
      for (const [what, sizes] of patterns) {
        test(`${what} arrive in order and are counted`, async () => {
          const chunks = sizes.map((size) => randomBytes(size));
          const whole = Buffer.concat(chunks);
          const handle = store.begin();
          assert.equal(await store.append(handle, 0, bodyOf(chunks)), whole.length);
          assert.equal(await store.uploaded(handle), whole.length);
          const location = await store.commit(handle, digestOf("sha256", whole), whole.length);
          await assertHolds(store, location, whole);
        });
      }

      test("appends go on where the last one ended", async () => {
        const whole = randomBytes(3 * MiB);
        const handle = store.begin();
        let offset = 0;
        for (const end of [1, 70_000, 70_000, 2 * MiB, whole.length]) {
          const part = whole.subarray(offset, end);
          assert.equal(await store.append(handle, offset, bodyOf([part])), part.length);
          offset = end;
          assert.equal(await store.uploaded(handle), end);
        }
        await assertHolds(store, await store.commit(handle, digestOf("sha256", whole), offset), whole);
      });

      test("an append at a smaller offset cuts off what lay behind it", async () => {
        const handle = await uploadOf(Buffer.from("hello, wide world"));
        assert.equal(await store.append(handle, 7, bodyOf([Buffer.from("you")])), 3);
        assert.equal(await store.uploaded(handle), 10);
        assert.equal(await store.append(handle, 5, bodyOf([])), 0);
        assert.equal(await store.uploaded(handle), 5);
        const bytes = Buffer.from("hello");
        await assertHolds(store, await store.commit(handle, digestOf("sha256", bytes), 5), bytes);
      });

      test("an append beyond the end is refused and changes nothing", async () => {
        const handle = await uploadOf(Buffer.from("abc"));
        await rejects(store.append(handle, 4, bodyOf([Buffer.from("x")])), "storage-failed");
        assert.equal(await store.uploaded(handle), 3);
        const fresh = store.begin();
        await rejects(store.append(fresh, 1, bodyOf([Buffer.from("x")])), "storage-failed");
        assert.equal(await store.uploaded(fresh), 0);
      });

      test("a body that breaks off leaves what came, and the upload can go on", async () => {
        const whole = randomBytes(2 * MiB + 100);
        const cause = new Error("connection reset");
        const handle = store.begin();
        const came = 1 * MiB + 300 * KiB + 1;
        const broken = bodyOf(split(whole.subarray(0, came), 64 * KiB), cause);
        const error = await rejects(store.append(handle, 0, broken), "upload-interrupted");
        assert.equal(error.cause, cause);
        assert.equal(await store.uploaded(handle), came);
        await store.append(handle, came, bodyOf([whole.subarray(came)]));
        const location = await store.commit(handle, digestOf("sha256", whole), whole.length);
        await assertHolds(store, location, whole);
      });

      test("a body that breaks off before its first byte is told the same way", async () => {
        const handle = store.begin();
        await rejects(store.append(handle, 0, bodyOf([], new Error("gone"))), "upload-interrupted");
        assert.equal(await store.uploaded(handle), 0);
      });

      test("the first bytes of an upload can be read again, or the store says it can't", async () => {
        const whole = randomBytes(2 * MiB + 5);
        const handle = await uploadOf(whole);
        for (const size of [0, 1, MiB, whole.length]) {
          const again = store.reread(handle, size);
          if (again === undefined) return;
          assert.ok((await collect(again)).equals(whole.subarray(0, size)));
        }
        const beyond = store.reread(handle, whole.length + 1);
        assert.ok(beyond);
        await rejects(collect(beyond), "storage-failed");
      });

      test("an aborted upload is empty; aborting again or a fresh handle is fine", async () => {
        const handle = await uploadOf(Buffer.from("abc"));
        await store.abort(handle);
        assert.equal(await store.uploaded(handle), 0);
        await store.abort(handle);
        await store.abort(store.begin());
      });

      test("unfinished uploads last written before a time are listed as stale", async () => {
        const handle = await uploadOf(Buffer.from("stray"));
        assert.ok((await listed(store, Date.now() + 60_000)).includes(handle));
        assert.ok(!(await listed(store, Date.now() - 600_000)).includes(handle));
        await store.abort(handle);
        assert.ok(!(await listed(store, Date.now() + 60_000)).includes(handle));
      });
    });

    describe("commit and put", () => {
      test("a committed upload is used up", async () => {
        const bytes = Buffer.from("used up");
        const handle = await uploadOf(bytes);
        await store.commit(handle, digestOf("sha256", bytes), bytes.length);
        assert.equal(await store.uploaded(handle), 0);
        assert.ok(!(await listed(store, Date.now() + 60_000)).includes(handle));
        await rejects(store.commit(handle, digestOf("sha256", bytes), bytes.length), "storage-failed");
      });

      test("a commit of fewer bytes than came keeps just those", async () => {
        const handle = await uploadOf(Buffer.from("keep|drop"));
        const bytes = Buffer.from("keep");
        await assertHolds(store, await store.commit(handle, digestOf("sha256", bytes), 4), bytes);
      });

      test("a commit of more bytes than came is refused, and the upload lives", async () => {
        const handle = await uploadOf(Buffer.from("short"));
        await rejects(store.commit(handle, digestOf("sha256", Buffer.from("short!")), 6), "storage-failed");
        assert.equal(await store.uploaded(handle), 5);
        await store.abort(handle);
      });

      test("two commits of one digest have two locations, each with its own life", async () => {
        const bytes = randomBytes(1000);
        const digest = digestOf("sha256", bytes);
        const locations = await Promise.all([
          uploadOf(bytes).then((handle) => store.commit(handle, digest, bytes.length)),
          uploadOf(bytes).then((handle) => store.commit(handle, digest, bytes.length)),
          store.put(digest, bytes),
        ]);
        assert.equal(new Set(locations).size, 3);
        const [first, second, third] = locations;
        assert.ok(first && second && third);
        await store.delete(first);
        assert.equal(await store.stat(first), undefined);
        await assertHolds(store, second, bytes);
        await assertHolds(store, third, bytes);
      });

      test("a zero-byte blob, committed with and without an append, and put", async () => {
        const none = Buffer.alloc(0);
        const digest = digestOf("sha256", none);
        await assertHolds(store, await store.commit(store.begin(), digest, 0), none);
        await assertHolds(store, await store.commit(await uploadOf(), digest, 0), none);
        await assertHolds(store, await store.put(digest, none), none);
      });

      test("sha512 works as sha256 does", async () => {
        const bytes = randomBytes(100);
        const digest = digestOf("sha512", bytes);
        await assertHolds(store, await store.put(digest, bytes), bytes);
        await assertHolds(store, await store.commit(await uploadOf(bytes), digest, 100), bytes);
      });

      test("many commits at once all arrive", async () => {
        const blobs = Array.from({ length: 40 }, () => randomBytes(3000));
        const locations = await Promise.all(
          blobs.map(async (bytes, i) => {
            const digest = digestOf("sha256", bytes);
            if (i % 2 === 0) return store.put(digest, bytes);
            return store.commit(await uploadOf(bytes), digest, bytes.length);
          }),
        );
        for (const [i, location] of locations.entries()) {
          await assertHolds(store, location, blobs[i] ?? Buffer.alloc(0));
        }
      });
    });

    describe("reading", () => {
      const bytes = randomBytes(5 * MiB + 321);
      let location: Location;
      let opened: OpenBlob;
      before(async () => {
        location = await store.put(digestOf("sha256", bytes), bytes);
        opened = await store.open(location);
      });
      after(() => opened.close());

      const last = bytes.length - 1;
      const ranges: [number, number][] = [
        [0, last],
        [0, 0],
        [last, last],
        [1, last - 1],
        [0, MiB - 1],
        [0, MiB],
        [MiB - 1, MiB],
        [MiB, 3 * MiB - 1],
        [2 * MiB + 1, last],
        [last - 70_000, last],
      ];
      for (const [start, end] of ranges) {
        test(`bytes ${start} to ${end} of ${bytes.length}`, async () => {
          assert.ok((await collect(opened.read(start, end))).equals(bytes.subarray(start, end + 1)));
        });
      }

      test("several readers of one open blob, and of one location, at once", async () => {
        await using second = await store.open(location);
        const reads = [opened.read(0, last), opened.read(9, last), second.read(0, last)].map(collect);
        const [a, b, c] = await Promise.all(reads);
        assert.ok(a?.equals(bytes) && b?.equals(bytes.subarray(9)) && c?.equals(bytes));
      });

      test("a read that is broken off leaves the blob readable and closable", async () => {
        const blob = await store.open(location);
        for await (const chunk of blob.read(0, last)) {
          assert.ok(chunk.length > 0);
          break;
        }
        const iterator = blob.read(0, last)[Symbol.asyncIterator]();
        const first = iterator.next();
        const stopped = iterator.return?.(undefined); // while the first read is under way
        assert.equal((await first).done, false);
        assert.equal((await stopped)?.done, true);
        assert.equal((await iterator.next()).done, true);
        assert.ok((await collect(blob.read(0, last))).equals(bytes));
        await blob.close();
        await blob.close();
        await assert.rejects(collect(blob.read(0, last)));
      });

      test("bytes beyond the end are damage, not a short answer", async () => {
        await rejects(collect(opened.read(0, bytes.length)), "blob-damaged");
        await rejects(collect(opened.read(bytes.length, bytes.length)), "blob-damaged");
      });

      test("stat tells the size; nothing there is undefined; open of nothing is damage", async () => {
        assert.equal(await store.stat(location), bytes.length);
        const gone = await store.put(digestOf("sha256", bytes), bytes);
        await store.delete(gone);
        await store.delete(gone);
        assert.equal(await store.stat(gone), undefined);
        await rejects(store.open(gone), "blob-damaged");
      });
    });

    test("handles and locations that the store never gave out reach nothing", async () => {
      for (const text of ["", ".", "..", "../x", "/etc/passwd", "a\0b", `${randomUUID()}/../x`, "%2e%2e"]) {
        await rejects(store.open(text as Location), "blob-damaged");
        await rejects(store.append(text as UploadHandle, 0, bodyOf([])), "storage-failed");
      }
    });

    test("check resolves while the store takes writes", async () => {
      await store.check();
    });
  });
}
