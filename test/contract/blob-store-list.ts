import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { BlobStore, StoredBlob } from "#core/blob-store.ts";
import { digestOf } from "#oci/digest.ts";
import { bodyOf } from "./blob-store-checks.ts";

/** What every implementation of BlobStore promises of `list`; the rest is in blob-store.ts. */
export function blobStoreListContract(
  name: string,
  open: () => Promise<{ store: BlobStore; close(): Promise<void> }>,
): void {
  describe(`list of the blob store: ${name}`, () => {
    let store: BlobStore;
    let close: () => Promise<void>;
    before(async () => {
      ({ store, close } = await open());
    });
    after(() => close());

    async function all(...known: Parameters<BlobStore["list"]>): Promise<Map<string, StoredBlob>> {
      const found = new Map<string, StoredBlob>();
      for await (const blob of store.list(...known)) {
        assert.ok(!found.has(blob.location), `${blob.location} came twice`);
        found.set(blob.location, blob);
      }
      return found;
    }

    test("an empty store has none, and neither an unfinished upload nor an aborted one is one", async () => {
      assert.equal((await all()).size, 0);
      const handle = store.begin();
      await store.append(handle, 0, bodyOf([randomBytes(70_000)]));
      const aborted = store.begin();
      await store.append(aborted, 0, bodyOf([randomBytes(10)]));
      await store.abort(aborted);
      await store.check();
      assert.equal((await all()).size, 0);
      await store.abort(handle);
    });

    test("each blob is told with location, digest, size and time; a deleted one isn't", async () => {
      const contents = [0, 1, 5000, 70_000].map((size) => randomBytes(size));
      const expected = new Map<string, [string, number]>();
      for (const [i, bytes] of contents.entries()) {
        const digest = digestOf(i % 2 === 0 ? "sha256" : "sha512", bytes);
        expected.set(await store.put(digest, bytes), [digest, bytes.length]);
        const handle = store.begin();
        await store.append(handle, 0, bodyOf([bytes]));
        expected.set(await store.commit(handle, digest, bytes.length), [digest, bytes.length]);
      }
      // More than one multipart's first part.
      const large = randomBytes(6 * 1024 * 1024);
      const handle = store.begin();
      await store.append(handle, 0, bodyOf([large]));
      const digest = digestOf("sha256", large);
      expected.set(await store.commit(handle, digest, large.length), [digest, large.length]);
      const gone = await store.put(digest, large);
      await store.delete(gone);
      const found = await all();
      assert.deepEqual(
        new Map([...found].map(([location, { digest, size }]) => [location, [digest, size]])),
        expected,
      );
      for (const { writtenAt } of found.values()) assert.ok(Math.abs(writtenAt - Date.now()) < 600_000);
    });

    test("what is known isn't told, and beginnings name one location each", async () => {
      const before = [...(await all()).keys()];
      const bytes = randomBytes(100);
      const fresh = await store.put(digestOf("sha256", bytes), bytes);
      const asked: string[] = [];
      const found = await all(async (beginnings) => {
        asked.push(...beginnings);
        return new Set(beginnings.filter((one) => before.some((location) => location.startsWith(one))));
      });
      assert.deepEqual([...found.keys()], [fresh]);
      const places = [...before, fresh];
      for (const one of asked) assert.equal(places.filter((place) => place.startsWith(one)).length, 1, one);
    });
  });
}
