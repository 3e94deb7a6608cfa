import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createAccess, compilePolicy } from "#auth/policy.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { migrationsFolder } from "#app/open/storage.ts";
import { fixed } from "#core/live.ts";
import { open as caller } from "#core/caller.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { BlobStore } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { digestOf, type Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { createUploads, type Uploads } from "#registry/uploads.ts";
import { assertHolds, bodyOf, split } from "../contract/blob-store-checks.ts";
import { storeIn } from "../adapters/s3/s3-bucket.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { bucketContent } from "./bucket-content.ts";
import { startRgw, withRgw, type Rgw } from "./rgw.ts";

const MiB = 1024 * 1024;
const repository = "team/app" as RepositoryName;

describe("an upload goes on at any server", withRgw, () => {
  let rgw: Rgw;
  let folder: string;
  let metadata: Metadata;
  before(async () => {
    rgw = await startRgw();
    folder = await mkdtemp(join(tmpdir(), "berth-s3-"));
    metadata = await openSqliteMetadata({ path: join(folder, "berth.db"), migrationsDir: migrationsFolder });
  });
  after(async () => {
    await metadata[Symbol.asyncDispose]();
    await rgw[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** Servers that share metadata and bucket, and nothing of their memory. */
  async function servers(count: number, prefix = "") {
    const bucket = await rgw.bucket();
    const access = createAccess(fixed(compilePolicy(defaultConfig(folder).policy)));
    const all: { store: BlobStore; uploads: Uploads }[] = [];
    for (let n = 0; n < count; n++) {
      const { store } = await storeIn(rgw, { bucket, prefix });
      all.push({ store, uploads: createUploads({ store, ...metadata, access, clock: Date.now }) });
    }
    return { bucket, at: (n: number) => all[n % count] ?? assert.fail() };
  }

  const body = (bytes: Uint8Array, start: number) => ({
    chunks: bodyOf(split(bytes, 300_000)),
    length: bytes.length,
    start,
  });

  for (const [what, chunk, total] of [
    ["chunks of 1 MiB, below a part's size", MiB, 8 * MiB + 17],
    ["chunks of 7 MiB, above it", 7 * MiB, 23 * MiB + 5],
  ] as const)
    test(`each request of an upload goes to another of three servers: ${what}`, async () => {
      const { bucket, at } = await servers(3);
      const bytes = randomBytes(total);
      const digest = digestOf("sha256", bytes);
      const { id } = await at(0).uploads.begin(caller, repository, "sha256");
      let offset = 0;
      let turn = 1;
      for (; offset < total; turn++) {
        const part = bytes.subarray(offset, offset + chunk);
        const state = await at(turn).uploads.append(caller, repository, id, body(part, offset));
        offset += part.length;
        assert.equal(state.offset, offset);
        assert.equal((await at(turn + 1).uploads.status(caller, repository, id)).offset, offset);
      }
      await at(turn).uploads.finish(caller, repository, id, digest, body(new Uint8Array(), total), undefined);
      const facts = await metadata.repositories.blob(repository, digest);
      assert.ok(facts);
      await assertHolds(at(turn + 1).store, facts.location, bytes);
      const { keys, multiparts } = await bucketContent(rgw.client, bucket);
      assert.deepEqual([keys.length, multiparts], [1, []]);
    });

  test("wrong bytes are found by one read after the commit, and leave nothing", async () => {
    const { bucket, at } = await servers(2);
    const bytes = randomBytes(6 * MiB);
    const { id } = await at(0).uploads.begin(caller, repository, "sha256");
    await at(0).uploads.append(caller, repository, id, body(bytes, 0));
    const wrong = `sha256:${"2".repeat(64)}` as Digest;
    await assert.rejects(
      at(1).uploads.finish(caller, repository, id, wrong, body(new Uint8Array(), 6 * MiB), undefined),
      (error: unknown) => error instanceof AppError && error.code === "digest-mismatch",
    );
    assert.deepEqual(await bucketContent(rgw.client, bucket), { keys: [], blobs: [], multiparts: [] });
  });

  test("a server dies amid a request: another goes on from the last acknowledged byte", async () => {
    const { bucket, at } = await servers(2);
    const bytes = randomBytes(19 * MiB + 3);
    const digest = digestOf("sha256", bytes);
    const first = 7 * MiB;
    const { store } = at(0);
    const handle = store.begin();
    await store.append(handle, 0, bodyOf(split(bytes.subarray(0, first), MiB)));
    // Never answered, never recorded: its parts are in the bucket, no checkpoint tells of them.
    const hang = Promise.withResolvers<never>();
    const sent = Promise.withResolvers<void>();
    async function* dying() {
      yield bytes.subarray(first, 18 * MiB);
      sent.resolve();
      await hang.promise;
    }
    store.append(handle, first, dying()).catch(() => undefined);
    await sent.promise;
    for (let tries = 0; (await partsOf(bucket)) < 2 && tries < 100; tries++);
    const other = at(1).store;
    assert.equal(await other.uploaded(handle), first);
    await other.append(handle, first, bodyOf(split(bytes.subarray(first), MiB)));
    const location = await other.commit(handle, digest, bytes.length);
    await assertHolds(other, location, bytes);
    assert.deepEqual((await bucketContent(rgw.client, bucket)).multiparts, []);
  });

  test("an append whose answer nobody recorded can be done again from its start", async () => {
    const { at } = await servers(2);
    const bytes = randomBytes(13 * MiB);
    const handle = at(0).store.begin();
    await at(0).store.append(handle, 0, bodyOf([bytes.subarray(0, 4 * MiB)]));
    await at(0).store.append(handle, 4 * MiB, bodyOf([randomBytes(8 * MiB)]));
    await at(1).store.append(handle, 4 * MiB, bodyOf([bytes.subarray(4 * MiB)]));
    const location = await at(0).store.commit(handle, digestOf("sha256", bytes), bytes.length);
    await assertHolds(at(0).store, location, bytes);
  });

  test("what was begun and left is purged: parts, checkpoints and all", async () => {
    const { bucket, at } = await servers(2);
    for (const size of [1000, 11 * MiB]) {
      const { id } = await at(0).uploads.begin(caller, repository, "sha256");
      await at(0).uploads.append(caller, repository, id, body(randomBytes(size), 0));
    }
    const stray = at(0).store.begin();
    await at(0).store.append(stray, 0, bodyOf([randomBytes(6 * MiB)]));
    assert.equal((await bucketContent(rgw.client, bucket)).multiparts.length, 2);
    assert.equal(await at(1).uploads.purge(Date.now() - 60_000), 0);
    assert.equal(await at(1).uploads.purge(Date.now() + 60_000), 3);
    assert.deepEqual(await bucketContent(rgw.client, bucket), { keys: [], blobs: [], multiparts: [] });
  });

  async function partsOf(bucket: string): Promise<number> {
    const { ListPartsCommand, ListMultipartUploadsCommand } = await import("@aws-sdk/client-s3");
    const { Uploads } = await rgw.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    const { Key, UploadId } = Uploads?.[0] ?? {};
    const { Parts } = await rgw.client.send(new ListPartsCommand({ Bucket: bucket, Key, UploadId }));
    return Parts?.length ?? 0;
  }
});
