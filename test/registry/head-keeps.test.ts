import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { createLocalSource } from "#app/local-source.ts";
import { cachedName } from "#core/cached-name.ts";
import { linkBlob } from "#registry/link-blob.ts";
import { digestOf, type Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { rejects } from "../contract/blob-store-checks.ts";
import { alpha, digest, latest, manifest } from "../contract/metadata/content.ts";
import { ever, loose, looseManifests } from "../contract/metadata/garbage-content.ts";

const bytes = Buffer.from("a blob");
const blobDigest = digestOf("sha256", bytes);

/** The registry's own content on a real store; time is what the test says. */
async function open(t: TestContext) {
  const folder = tempFolder();
  const store = await createDiskStore({ path: folder.file("store") });
  const metadata = await openSqliteMetadata({ path: folder.file("berth.db"), migrationsDir: migrations });
  t.after(async () => {
    await metadata[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  const { repositories, garbage } = metadata;
  const clock = () => room.now;
  const source = createLocalSource({
    store,
    repositories,
    garbage,
    clock,
    grace: () => 86_400_000,
    verifyReads: false,
  });
  const room = { now: 1_000_000, store, metadata, repositories, garbage, source, push };

  async function push(repository: RepositoryName, since = room.now): Promise<Digest> {
    const location = await store.put(blobDigest, bytes);
    const add = { repository, digest: blobDigest, size: bytes.length, location, since };
    await linkBlob({ store, repositories, clock }, { ...add, upload: undefined, by: undefined });
    return blobDigest;
  }
  return room;
}

test("who asks for a blob by HEAD finds it for another grace period; who reads it doesn't prolong it", async (t) => {
  const room = await open(t);
  const { metadata, source } = room;
  await room.push(alpha);
  room.now += 59_999;
  await source.blobs.stat(alpha, blobDigest);
  assert.deepEqual(await loose(metadata), [[blobDigest, 1_000_000]], "at most once a minute");
  room.now += 1;
  await (await source.blobs.open(alpha, blobDigest)).blob.close();
  await source.blobs.link(alpha, blobDigest, { method: "GET", range: undefined, ttl: 1 });
  assert.deepEqual(await loose(metadata), [[blobDigest, 1_000_000]]);
  await source.blobs.stat(alpha, blobDigest);
  assert.deepEqual(await loose(metadata), [[blobDigest, 1_060_000]]);
});

test("who asks for a manifest by its digest finds it for another grace period", async (t) => {
  const room = await open(t);
  const { metadata, source, repositories } = room;
  await repositories.putManifest(manifest(alpha, "m", { now: room.now }));
  await repositories.putManifest(manifest(alpha, "n", { now: 1, tags: [{ name: latest, was: "any" }] }));
  room.now += 60_000;
  await source.manifests.get(alpha, digest("m"));
  await source.manifests.stat(alpha, latest);
  assert.deepEqual(await looseManifests(metadata), [[digest("m"), 1_000_000]]);
  await source.manifests.stat(alpha, digest("m"));
  assert.deepEqual(await looseManifests(metadata), [[digest("m"), 1_060_000]]);
});

test("what goes while it is asked for is unknown", async (t) => {
  const room = await open(t);
  const { store, repositories, garbage } = room;
  await room.push(alpha);
  await repositories.putManifest(manifest(alpha, "m"));
  // The collector comes between the look and the touch.
  const collected: typeof garbage.touch = async (...args) => {
    await garbage.dropLinks(await garbage.looseLinks(ever, 9, undefined), ever, 1);
    await garbage.dropManifests((await garbage.looseManifests(9, undefined)).manifests, ever, 1);
    return garbage.touch(...args);
  };
  const parts = { store, repositories, garbage: { touch: collected }, clock: () => room.now };
  const source = createLocalSource({ ...parts, grace: () => 86_400_000, verifyReads: false });
  await rejects(source.blobs.stat(alpha, blobDigest), "blob-unknown");
  await rejects(source.manifests.stat(alpha, digest("m")), "manifest-unknown");
});

test("what is cached isn't touched", async (t) => {
  const room = await open(t);
  const { store, repositories } = room;
  const box = cachedName("docker.io/library/box" as RepositoryName);
  await room.push(box);
  const garbage = { touch: () => Promise.reject(new Error("touched")) };
  const source = createLocalSource({
    store,
    repositories,
    garbage,
    clock: () => 1,
    grace: () => 0,
    verifyReads: false,
  });
  assert.equal((await source.blobs.stat(box, blobDigest)).size, bytes.length);
});

test("bytes that were removed as nobody's before they were recorded are to be pushed again", async (t) => {
  const room = await open(t);
  const { store, repositories, garbage } = room;
  const location = await store.put(blobDigest, bytes);
  const add = { repository: alpha, digest: blobDigest, size: bytes.length, location, since: room.now };
  const link = () =>
    linkBlob({ store, repositories, clock: () => room.now }, { ...add, upload: undefined, by: undefined });
  const stray = [{ location, size: bytes.length }];
  await garbage.noteStrays(stray, 0, 1);
  await garbage.noteStrays(stray, 2, 3);
  await rejects(link(), "unavailable");
  await store.delete(location);
  await garbage.forgetTombstones([location]);
  room.now += 60_000;
  await rejects(link(), "unavailable");
  await rejects(room.source.blobs.stat(alpha, blobDigest), "blob-unknown");
  await room.push(alpha);
  assert.equal((await room.source.blobs.stat(alpha, blobDigest)).size, bytes.length);
});
