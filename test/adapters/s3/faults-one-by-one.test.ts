import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { BlobStore, Location, UploadHandle } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { digestOf } from "#oci/digest.ts";
import { assertHolds, bodyOf, collect, split } from "../../contract/blob-store-checks.ts";
import { bucketContent } from "../../s3/bucket-content.ts";
import { faults, startFaultProxy, type FaultProxy } from "../../s3/fault-proxy.ts";
import { startRgw, withRgw, type Rgw } from "../../s3/rgw.ts";
import { storeIn } from "./s3-bucket.ts";

const MiB = 1024 * 1024;
/** Small, for there are many uploads. */
const partSize = 256 * 1024;
const bytes = randomBytes(partSize + 100_000);
const digest = digestOf("sha256", bytes);
const middle = partSize + 10_000;

/** What can make a request fail for good. */
const harmful = faults.filter((fault) => fault !== "slow" && fault !== "late");

describe("each S3 request of a push and a pull fails in turn", withRgw, () => {
  let rgw: Rgw;
  let proxy: FaultProxy;
  before(async () => {
    rgw = await startRgw({ leastPart: partSize });
    proxy = await startFaultProxy(rgw.endpoint);
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    await rgw[Symbol.asyncDispose]();
  });

  /** @param attempts of each request. */
  const open = (attempts = 3) =>
    storeIn(rgw, {
      endpoint: proxy.url,
      partSize: { first: partSize, fixed: false },
      patience: { attempts, pause: 5, longestPause: 20, deadline: 1_000, slowest: 10 * MiB },
    });

  /** A blob in two requests, the second of which ends it: a part, a checkpoint, a last part. */
  async function push(store: BlobStore, handle: UploadHandle): Promise<Location> {
    await store.append(handle, 0, bodyOf(split(bytes.subarray(0, middle), 100_000)));
    assert.equal(await store.uploaded(handle), middle);
    await store.append(handle, middle, bodyOf(split(bytes.subarray(middle), 100_000)));
    return store.commit(handle, digest, bytes.length);
  }

  async function requestsOfAPush(): Promise<number> {
    const { store } = await open();
    proxy.plan(() => undefined);
    await push(store, store.begin());
    return proxy.seen.length;
  }

  for (const fault of harmful) {
    test(`${fault}, once: the push succeeds and leaves nothing beside the blob`, async () => {
      const count = await requestsOfAPush();
      assert.ok(count > 8, String(count));
      const { store, bucket } = await open();
      for (let bad = 0; bad < count; bad++) {
        const handle = store.begin();
        proxy.plan((number) => (number === bad ? fault : undefined));
        const location = await push(store, handle);
        const hit = proxy.seen[bad];
        proxy.plan(() => undefined);
        // What a lost answer left behind is the purge's: it aborts what no session knows.
        for await (const stray of store.staleUploads(Date.now() + 60_000)) await store.abort(stray);
        await assertHolds(store, location, bytes);
        const content = await bucketContent(rgw.client, bucket);
        assert.deepEqual(content.multiparts, [], hit);
        assert.equal(content.keys.length, 1, hit);
        await store.delete(location);
      }
    });

    test(`${fault}, from some request on: the push fails clearly, and abort leaves nothing`, async () => {
      const count = await requestsOfAPush();
      const { store, bucket } = await open(fault === "silence" ? 1 : 3);
      for (let bad = 0; bad < count; bad++) {
        const handle = store.begin();
        proxy.plan((number) => (number >= bad ? fault : undefined));
        const done = await push(store, handle).catch((error: unknown) => {
          assert.ok(error instanceof AppError, String(error));
          assert.match(error.code, /^(unavailable|storage-failed)$/);
          return undefined;
        });
        const hit = proxy.seen[bad];
        proxy.plan(() => undefined);
        await store.abort(handle);
        const content = await bucketContent(rgw.client, bucket);
        assert.deepEqual(content.multiparts, [], hit);
        if (done !== undefined) await assertHolds(store, done, bytes);
        // An answer that was lost may hide a whole blob, which nobody refers to; never a part of one.
        for (const key of content.blobs) {
          const id = key.split("/").at(-1) ?? "";
          await assertHolds(store, `${id}@${digest}` as Location, bytes);
          await store.delete(`${id}@${digest}` as Location);
        }
        assert.deepEqual((await bucketContent(rgw.client, bucket)).keys, [], hit);
      }
    });

    test(`${fault}: a pull gets all bytes all the same, or an error, never others`, async () => {
      const { store } = await open();
      proxy.plan(() => undefined);
      const location = await store.put(digest, bytes);
      for (const bad of [0, 1, 2]) {
        proxy.plan((number) => (number === bad ? fault : undefined));
        await assertHolds(store, location, bytes);
      }
      proxy.plan((number) => (number > 0 ? fault : undefined));
      await assert.rejects(readWhole(store, location), (error: unknown) => error instanceof AppError);
      proxy.plan(() => undefined);
    });
  }

  async function readWhole(store: BlobStore, location: Location): Promise<Buffer> {
    await using blob = await store.open(location);
    return collect(blob.read(0, blob.size - 1));
  }
});
