import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { AbortMultipartUploadCommand, ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import type { BlobStore, UploadHandle } from "#core/blob-store.ts";
import { createAccess, compilePolicy } from "#auth/policy.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { migrationsFolder } from "#app/open/storage.ts";
import { open as caller } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import { fixed } from "#core/live.ts";
import { digestOf, type Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { createUploads } from "#registry/uploads.ts";
import { storeIn } from "../adapters/s3/s3-bucket.ts";
import { assertHolds, bodyOf } from "../contract/blob-store-checks.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { freshBytes } from "../harness/registry-client.ts";
import { bucketContent } from "./bucket-content.ts";
import { startFaultProxy, type FaultProxy } from "./fault-proxy.ts";
import { startRgw, withRgw, type Rgw } from "./rgw.ts";

const partSize = 256 * 1024;
const size = partSize + 100_000;
const isComplete = (line: string) => /^POST .*[?&]uploadId=/.test(line);

describe("a commit that nobody heard of is done again", withRgw, () => {
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

  async function open(bucket?: string) {
    proxy.plan(() => undefined);
    const patience = { attempts: 2, pause: 5, longestPause: 20, deadline: 10_000, slowest: 1_000_000 };
    return storeIn(rgw, {
      ...(bucket === undefined ? {} : { bucket }),
      endpoint: proxy.url,
      patience,
      partSize: { first: partSize, fixed: false },
    });
  }

  const content = () => {
    const bytes = freshBytes(size);
    return { bytes, digest: digestOf("sha256", bytes) };
  };

  const refused = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

  /** Complete is served, and neither its answer nor anything behind it comes back. */
  async function commitUnheard(store: BlobStore, handle: UploadHandle, digest: Digest): Promise<void> {
    let completed = false;
    proxy.plan((_, line) => ((completed ||= isComplete(line)) ? "lost-answer" : undefined));
    await assert.rejects(store.commit(handle, digest, size), refused("unavailable"));
    proxy.plan(() => undefined);
  }

  test("from its checkpoint: the object that is there is the blob", async () => {
    const { store, bucket } = await open();
    const { bytes, digest } = content();
    const handle = store.begin();
    await store.append(handle, 0, bodyOf([bytes]));
    await commitUnheard(store, handle, digest);
    const { store: other } = await open(bucket);
    const location = await other.commit(handle, digest, size);
    await assertHolds(other, location, bytes);
    const { keys, multiparts } = await bucketContent(rgw.client, bucket);
    assert.deepEqual([keys.length, multiparts], [1, []]);
  });

  test("from the first byte, with the same bytes and with others: the blob has those that were sent last", async () => {
    const { store } = await open();
    for (const same of [true, false]) {
      const first = content();
      const again = same ? first : content();
      const handle = store.begin();
      await store.append(handle, 0, bodyOf([first.bytes]), { last: true });
      await commitUnheard(store, handle, first.digest);
      await store.append(handle, 0, bodyOf([again.bytes]), { last: true });
      const location = await store.commit(handle, again.digest, size);
      await assertHolds(store, location, again.bytes);
    }
  });

  test("an object of the same size and other bytes is not taken for the blob", async () => {
    const { store } = await open();
    const [first, again] = [content(), content()];
    const handle = store.begin();
    await store.append(handle, 0, bodyOf([first.bytes]), { last: true });
    await commitUnheard(store, handle, first.digest);
    await store.append(handle, 0, bodyOf([again.bytes]), { last: true });
    proxy.plan((_, line) => (isComplete(line) ? "slow-down" : undefined));
    await assert.rejects(store.commit(handle, again.digest, size), refused("unavailable"));
    proxy.plan(() => undefined);
    await store.abort(handle);
  });

  test("an upload that a rule of the bucket aborted is told as gone", async () => {
    const { store, bucket } = await open();
    const { bytes, digest } = content();
    const handle = store.begin();
    await store.append(handle, 0, bodyOf([bytes]));
    const { Uploads } = await rgw.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    const { Key, UploadId } = Uploads?.[0] ?? {};
    await rgw.client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
    await assert.rejects(store.append(handle, size, bodyOf([bytes])), refused("upload-unknown"));
    await assert.rejects(store.commit(handle, digest, size), refused("upload-unknown"));
    await store.abort(handle);
    assert.deepEqual(await bucketContent(rgw.client, bucket), { keys: [], blobs: [], multiparts: [] });
  });

  test("a server that stood still leaves what another one has made of its upload", async () => {
    const folder = await mkdtemp(join(tmpdir(), "berth-s3-"));
    await using metadata = await openSqliteMetadata({
      path: join(folder, "berth.db"),
      migrationsDir: migrationsFolder,
    });
    await using _ = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
    const { store, bucket } = await open();
    const { bytes, digest } = content();
    const access = createAccess(fixed(compilePolicy(defaultConfig(folder).policy)));
    const repository = "team/app" as RepositoryName;
    const { store: its } = await open(bucket);
    const stands = standingStill(store);
    const slow = standingStill(its);
    const later = () => Date.now() + 3_600_000;
    const stood = createUploads({ store: stands.store, ...metadata, access, clock: Date.now });
    const other = createUploads({ store: slow.store, ...metadata, access, clock: later });
    const body = (bytes: Uint8Array, start: number | undefined) => ({
      chunks: bodyOf([bytes]),
      length: bytes.length,
      start,
    });

    const { id } = await stood.begin(caller, repository, "sha256");
    await stood.append(caller, repository, id, body(bytes, 0));
    const finish = (at: typeof stood, sent: ReturnType<typeof body>) =>
      at.finish(caller, repository, id, digest, sent, undefined);
    const first = finish(stood, body(Buffer.of(), undefined));
    first.catch(() => undefined);
    await stands.committed;
    // The upload's state went with that commit: whoever goes on without saying where is told so.
    await assert.rejects(finish(other, body(Buffer.of(), undefined)), refused("upload-out-of-order"));
    const second = finish(other, body(bytes, 0));
    await slow.committed;
    stands.goOn();
    await assert.rejects(first, refused("upload-busy"));
    slow.goOn();
    await second;
    const facts = await metadata.repositories.blob(repository, digest);
    assert.ok(facts);
    await assertHolds(its, facts.location, bytes);
  });
});

/** The store, whose process stands still between a commit and what follows. */
function standingStill(store: BlobStore) {
  const committed = Promise.withResolvers<void>();
  const goesOn = Promise.withResolvers<void>();
  const still: BlobStore = {
    ...store,
    async commit(...parts) {
      const location = await store.commit(...parts);
      committed.resolve();
      await goesOn.promise;
      return location;
    },
  };
  return { store: still, committed: committed.promise, goOn: () => goesOn.resolve() };
}
