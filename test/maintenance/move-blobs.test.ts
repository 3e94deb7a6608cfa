import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { BlobStore, Location, UploadHandle } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { digestOf, type Digest } from "#oci/digest.ts";
import { assertHolds } from "../contract/blob-store-checks.ts";
import { openFolders, repository, sizes, someBlobs, type Folders } from "./two-folders.ts";

const recorded = async ({ metadata }: Folders, digest: Digest) => {
  const facts = await metadata.repositories.recordedBlob(digest);
  assert.ok(facts);
  return facts;
};

async function stale(store: BlobStore): Promise<UploadHandle[]> {
  const handles: UploadHandle[] = [];
  for await (const handle of store.staleUploads(Date.now() + 60_000)) handles.push(handle);
  return handles;
}

test("every blob lies in the other store afterwards, its old copy too, and a second run finds nothing to do", async () => {
  await using folders = await openFolders();
  const blobs = someBlobs();
  const digests = [];
  for (const [i, bytes] of blobs.entries())
    digests.push(await folders.push(bytes, i % 2 === 0 ? "sha256" : "sha512"));
  const before = await Promise.all(digests.map((digest) => recorded(folders, digest)));
  const moved = await folders.move();
  assert.deepEqual(moved.damaged, []);
  assert.equal(moved.blobs, blobs.length);
  assert.equal(
    moved.bytes,
    sizes.reduce((sum, size) => sum + size),
  );
  for (const [i, bytes] of blobs.entries()) {
    const { location } = await recorded(folders, digests[i] as Digest);
    assert.ok(folders.fresh.owns(location));
    await assertHolds(folders.fresh.store, location, bytes);
    await assertHolds(folders.old.store, (before[i] as { location: Location }).location, bytes);
  }
  const again = await folders.move();
  assert.deepEqual([again.blobs, again.skipped], [0, blobs.length]);
});

test("blobs that can't be read or aren't what their digest says stay, and are told of", async () => {
  await using folders = await openFolders();
  const names = ["other bytes", "shorter", "gone", "other bytes of a large one", "whole"];
  const digests = [];
  for (const name of names)
    digests.push(await folders.push(randomBytes(name.includes("large") ? 3_000_000 : 5_000)));
  const places = await Promise.all(digests.map(async (digest) => (await recorded(folders, digest)).location));
  const file = (i: number) => folders.oldFile(places[i] as Location);
  writeFileSync(file(0), randomBytes(5_000));
  truncateSync(file(1), 4_999);
  await folders.old.store.delete(places[2] as Location);
  writeFileSync(file(3), randomBytes(3_000_000));
  const moved = await folders.move();
  assert.equal(moved.blobs, 1);
  const faults = new Map(moved.damaged.map(({ digest, fault }) => [digest, fault]));
  assert.equal(faults.size, 4);
  assert.deepEqual(moved.told, moved.damaged);
  assert.match(faults.get(digests[0] as Digest) ?? "", /^its bytes have the digest sha256:/);
  assert.match(faults.get(digests[1] as Digest) ?? "", /^it has 4999 bytes instead of 5000$/);
  assert.match(faults.get(digests[2] as Digest) ?? "", /^it can't be read: .* is missing/);
  assert.match(faults.get(digests[3] as Digest) ?? "", /^its bytes have the digest sha256:/);
  for (const [i, location] of places.entries())
    if (i < 4) assert.deepEqual((await recorded(folders, digests[i] as Digest)).location, location);
  assert.deepEqual(await stale(folders.fresh.store), [], "nothing half copied stays");
});

test("a blob that was marked as damaged and isn't is moved, and the mark goes", async () => {
  await using folders = await openFolders();
  const digest = await folders.push(Buffer.from("fine after all"));
  await folders.metadata.repositories.quarantine(digest, (await recorded(folders, digest)).location);
  assert.equal((await folders.move()).blobs, 1);
  assert.equal((await recorded(folders, digest)).damaged, false);
});

test("a blob that is pushed anew while it is copied keeps its new place, and the copy goes", async () => {
  await using folders = await openFolders();
  const { metadata, fresh } = folders;
  const bytes = Buffer.from("pushed twice");
  const digest = await folders.push(bytes);
  const { location: before } = await recorded(folders, digest);
  const pushed = await fresh.store.put(digest, bytes);
  const copies: Location[] = [];
  const put: BlobStore["put"] = async (...given) => {
    const add = { repository, digest, size: bytes.length, location: pushed, now: 2, upload: undefined };
    await metadata.repositories.addBlob({ ...add, replace: before, by: undefined });
    const copy = await fresh.store.put(...given);
    copies.push(copy);
    return copy;
  };
  const moved = await folders.move({ to: { ...fresh, store: { ...fresh.store, put } } });
  assert.deepEqual([moved.blobs, moved.skipped, moved.damaged], [0, 1, []]);
  assert.equal((await recorded(folders, digest)).location, pushed);
  assert.equal(copies.length, 1);
  assert.equal(await fresh.store.stat(copies[0] as Location), undefined);
  await assertHolds(fresh.store, pushed, bytes);
});

test("old copies go when their time has come, but not while a backup is made", async () => {
  await using folders = await openFolders();
  const { leases } = folders.metadata;
  const digests = [];
  for (const bytes of someBlobs()) digests.push(await folders.push(bytes));
  const places = await Promise.all(digests.map(async (digest) => (await recorded(folders, digest)).location));
  const files = () => places.filter((location) => existsSync(folders.oldFile(location))).length;
  const backup = await leases.take("backup/1", "somebody", 60_000);
  assert.ok(backup);
  let waited = 0;
  const watch = {
    bytes: () => undefined,
    blob: () => undefined,
    damaged: () => undefined,
    waiting(copies: number) {
      waited = copies;
      assert.equal(files(), places.length);
      void leases.release(backup);
    },
  };
  const moved = await folders.move({ removeAfter: 0, watch });
  assert.equal(waited, places.length);
  assert.deepEqual([moved.blobs, moved.notRemoved], [places.length, 0]);
  assert.equal(files(), 0);
});

test("an old copy that somebody still reads stays until that one is done, and holds up no other", async () => {
  await using folders = await openFolders();
  const { leases } = folders.metadata;
  const digests = [];
  for (const bytes of someBlobs()) digests.push(await folders.push(bytes));
  const places = await Promise.all(digests.map(async (digest) => (await recorded(folders, digest)).location));
  const there = () => places.filter((location) => existsSync(folders.oldFile(location)));
  const [read] = places;
  assert.ok(read);
  const lease = await leases.take(`reading/${read} somebody`, "somebody", 60_000);
  assert.ok(lease);
  const moving = folders.move({ removeAfter: 0 });
  for (let tries = 0; tries < 600 && there().length > 1; tries++) await sleep(20);
  assert.deepEqual(there(), [read]);
  await leases.release(lease);
  assert.deepEqual([(await moving).notRemoved, there()], [0, []]);
});

test("a run that is stopped gives up what is half copied, and the next one goes on", async () => {
  await using folders = await openFolders();
  const digests: Digest[] = [];
  for (let i = 0; i < 6; i++) digests.push(await folders.push(randomBytes(4_000_000)));
  const stop = new AbortController();
  let read = 0;
  const watch = {
    bytes(count: number) {
      read += count;
      if (read > 9_000_000) stop.abort();
    },
    blob: () => undefined,
    damaged: () => undefined,
    waiting: () => undefined,
  };
  const moved = await folders.move({ signal: stop.signal, watch, parallel: 1, removeAfter: 60_000 });
  assert.deepEqual([moved.stopped, moved.blobs, moved.notRemoved], [true, 2, 2]);
  assert.deepEqual(await stale(folders.fresh.store), []);
  const again = await folders.move();
  assert.deepEqual([again.stopped, again.blobs, again.skipped], [false, 4, 2]);
});

test("a store that takes no more ends the run; what was moved stays moved", async () => {
  await using folders = await openFolders();
  const { fresh } = folders;
  for (let i = 0; i < 6; i++) await folders.push(randomBytes(1000));
  let puts = 0;
  const put: BlobStore["put"] = (digest, bytes) => {
    if (++puts > 2) throw new AppError("storage-full", "the bucket is full");
    return fresh.store.put(digest, bytes);
  };
  await assert.rejects(folders.move({ to: { ...fresh, store: { ...fresh.store, put } }, parallel: 1 }), {
    code: "storage-full",
  });
  const again = await folders.move();
  assert.deepEqual([again.blobs, again.skipped], [4, 2]);
});

test("a blob whose location nobody knows how to read is left alone", async () => {
  await using folders = await openFolders();
  const { repositories } = folders.metadata;
  const digest = digestOf("sha256", Buffer.from("x"));
  const add = { repository, digest, size: 1, location: "elsewhere" as Location, now: 1 };
  await repositories.addBlob({ ...add, upload: undefined, replace: undefined, by: undefined });
  const moved = await folders.move();
  assert.deepEqual([moved.blobs, moved.skipped], [0, 1]);
});
