import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createDiskSpool } from "#adapters/disk/disk-spool.ts";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { cachedName } from "#core/cached-name.ts";
import { digestOf, type Digest } from "#oci/digest.ts";
import { ociManifest } from "#oci/media-type.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { createIngest } from "#registry/ingest.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { assertHolds, rejects } from "../contract/blob-store-checks.ts";
import { oci } from "../harness/registry-content.ts";

const here = cachedName("docker.io/library/busybox" as RepositoryName);
const there = cachedName("docker.io/library/alpine" as RepositoryName);
const tag = "1" as Tag;

/** Real metadata, store and spool. */
async function open(t: TestContext) {
  const folder = tempFolder();
  const path = folder.file("store");
  const store = await createDiskStore({ path });
  const metadata = await openSqliteMetadata({ path: folder.file("berth.db"), migrationsDir: migrations });
  t.after(async () => {
    await metadata[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  const { repositories } = metadata;
  const spool = createDiskSpool({ path });
  const ingest = createIngest({ store, spool, repositories, clock: () => 1_000 });
  async function fetched(repository: RepositoryName, bytes: Uint8Array): Promise<Digest> {
    const digest = digestOf("sha256", bytes);
    await using file = await ingest.begin();
    await file.write(bytes);
    await ingest.addBlob(repository, digest, bytes.length, file);
    return digest;
  }
  return { path, store, metadata, repositories, ingest, fetched };
}

test("a fetched file is a blob of its repository alone, and nothing is written to the audit log", async (t) => {
  const { path, store, metadata, repositories, fetched } = await open(t);
  const bytes = randomBytes(200_000);
  const digest = await fetched(here, bytes);
  const facts = await repositories.blob(here, digest);
  assert.equal(facts?.size, bytes.length);
  await assertHolds(store, facts.location, bytes);
  assert.equal(await repositories.blob(there, digest), undefined);
  assert.deepEqual(await readdir(join(path, "uploads")), []);
  assert.deepEqual(await metadata.audit.latest({}, 10), []);
});

test("bytes that are there already are kept once", async (t) => {
  const { path, repositories, ingest, fetched } = await open(t);
  const bytes = randomBytes(1000);
  const digest = await fetched(here, bytes);
  const first = await repositories.blob(here, digest);
  await fetched(there, bytes);
  await ingest.addSmallBlob(here, digest, bytes);
  assert.equal((await repositories.blob(there, digest))?.location, first?.location);
  const shard = join(path, "blobs/sha256", digest.slice(7, 9));
  assert.equal((await readdir(shard)).length, 1);
});

test("bytes that were lost are healed by a fetch", async (t) => {
  const { path, store, repositories, ingest } = await open(t);
  const bytes = randomBytes(1000);
  const digest = digestOf("sha512", bytes);
  await ingest.addSmallBlob(here, digest, bytes);
  const lost = await repositories.blob(here, digest);
  await rm(join(path, "blobs", String(lost?.location)));
  await ingest.addSmallBlob(here, digest, bytes);
  const healed = await repositories.blob(here, digest);
  assert.notEqual(healed?.location, lost?.location);
  await assertHolds(store, healed?.location ?? assert.fail(), bytes);
});

test("a blob is mounted from who has it, with its bytes", async (t) => {
  const { path, repositories, ingest, fetched } = await open(t);
  const digest = await fetched(here, randomBytes(1000));
  assert.equal(await ingest.mountBlob(there, digest, here), true);
  assert.equal((await repositories.blob(there, digest))?.size, 1000);
  const unknown = digestOf("sha256", randomBytes(1));
  assert.equal(await ingest.mountBlob(there, unknown, here), false);
  const third = cachedName("quay.io/x" as RepositoryName);
  await rm(join(path, "blobs", String((await repositories.blob(here, digest))?.location)));
  assert.equal(await ingest.mountBlob(third, digest, here), false, "its bytes are gone");
  assert.equal(await repositories.blob(third, digest), undefined);
});

test("a manifest is stored whatever it lacks, and moves its tag", async (t) => {
  const { repositories, ingest } = await open(t);
  const [first, second] = [oci.image(), oci.image({ docker: true })];
  const put = (bytes: Uint8Array, mediaType: string | undefined) =>
    ingest.putManifest({ repository: here, bytes, mediaType, digest: undefined, tag });
  const done = await put(first.bytes, first.mediaType);
  assert.deepEqual(done, {
    digest: first.digest,
    mediaType: first.mediaType,
    size: first.bytes.length,
  });
  assert.deepEqual(Buffer.from((await repositories.manifest(here, tag))?.bytes ?? ""), first.bytes);
  assert.equal((await put(second.bytes, undefined)).mediaType, second.mediaType);
  assert.equal((await repositories.manifestFacts(here, tag))?.digest, second.digest);
  // And once more, as a second process may.
  await put(second.bytes, second.mediaType);
});

test("an index is stored alone; its child comes later, by digest", async (t) => {
  const { repositories, ingest } = await open(t);
  const child = oci.image();
  const parent = oci.index({ manifests: [child.descriptor] });
  await ingest.putManifest({
    repository: here,
    bytes: parent.bytes,
    mediaType: parent.mediaType,
    digest: parent.digest as Digest,
    tag: undefined,
  });
  assert.equal(await repositories.manifestFacts(here, child.digest as Digest), undefined);
  assert.deepEqual(await repositories.tags(here, { limit: 10, last: undefined }), []);
  await ingest.putManifest({
    repository: here,
    bytes: child.bytes,
    mediaType: child.mediaType,
    digest: child.digest as Digest,
    tag: undefined,
  });
  assert.equal((await repositories.manifestFacts(here, child.digest as Digest))?.size, child.size);
});

test("what is no manifest, or another one, is refused and not stored", async (t) => {
  const { repositories, ingest, fetched } = await open(t);
  const digest = undefined;
  const page = Buffer.from("<!doctype html><title>Sign in</title>");
  const put = { repository: here, mediaType: undefined, digest, tag };
  await rejects(ingest.putManifest({ ...put, bytes: page, mediaType: "text/html" }), "manifest-invalid");
  await rejects(ingest.putManifest({ ...put, bytes: page }), "manifest-invalid");
  const { bytes } = oci.image();
  const other = digestOf("sha256", Buffer.from("other"));
  await rejects(ingest.putManifest({ ...put, bytes, digest: other }), "digest-mismatch");
  // Its layer is known here, and isn't that long.
  const known = await fetched(here, Buffer.from("a layer"));
  const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: known, size: 99 };
  const wrong = oci.image({ layers: [layer] });
  await rejects(
    ingest.putManifest({ ...put, bytes: wrong.bytes, mediaType: ociManifest }),
    "manifest-invalid",
  );
  assert.equal(await repositories.manifest(here, tag), undefined);
});

test("a file whose store fails is given up", async (t) => {
  const { path, ingest } = await open(t);
  const file = await ingest.begin();
  await file.write(Buffer.from("abc"));
  await rejects(ingest.addBlob(here, digestOf("sha256", Buffer.from("abcd")), 4, file), "storage-failed");
  await file.close();
  assert.deepEqual(await readdir(join(path, "uploads")), []);
});
