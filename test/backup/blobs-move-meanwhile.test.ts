import assert from "node:assert/strict";
import { test } from "node:test";
import { createCopiesFolder } from "#adapters/disk/copies-folder.ts";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import type { BlobFacts } from "#core/metadata/repositories.ts";
import { backUpBlobs } from "#maintenance/backup/back-up-blobs.ts";
import { digestOf } from "#oci/digest.ts";
import { freshBytes } from "../harness/registry-client.ts";
import { openPlaces } from "./places.ts";

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const quiet = { add: () => undefined, done: () => undefined };

async function prepared(places: { path(name: string): string }) {
  const store = await createDiskStore({ path: places.path("store") });
  const copies = createCopiesFolder(places.path("copies"));
  const blobs: BlobFacts[] = [];
  for (let i = 0; i < 3; i++) {
    const bytes = freshBytes(100_000);
    const digest = digestOf("sha256", bytes);
    blobs.push({ digest, size: bytes.length, location: await store.put(digest, bytes), damaged: false });
  }
  return { store, copies, blobs };
}

test("a blob that is elsewhere since the snapshot is copied from there", async () => {
  await using places = await openPlaces();
  const { store, copies, blobs } = await prepared(places);
  const other = await createDiskStore({ path: places.path("other") });
  const [moved, lost] = blobs;
  assert.ok(moved && lost);
  const bytes: Uint8Array[] = [];
  {
    await using opened = await store.open(moved.location);
    for await (const chunk of opened.read(0, moved.size - 1)) bytes.push(Uint8Array.from(chunk));
  }
  const now = { ...moved, location: await other.put(moved.digest, Buffer.concat(bytes)) };
  await store.delete(moved.location);
  await store.delete(lost.location);
  const report = await backUpBlobs({
    named: each(blobs),
    now: async (digest) => (digest === now.digest ? now : blobs.find((blob) => blob.digest === digest)),
    store: { open: (location) => (location === now.location ? other : store).open(location) },
    copies,
    fileOf: () => undefined,
    verify: false,
    progress: quiet,
    signal: new AbortController().signal,
  });
  assert.equal(report.copied, 2);
  assert.deepEqual(report.damaged, [{ digest: lost.digest, why: "is missing" }]);
  assert.equal(await copies.size(moved.digest), moved.size);
  assert.equal(await copies.size(lost.digest), undefined);
});

test("a backup whose lease is lost ends, and says why", async () => {
  await using places = await openPlaces();
  const { store, copies, blobs } = await prepared(places);
  const lost = new AbortController();
  const work = backUpBlobs({
    named: each(blobs),
    now: async () => undefined,
    store,
    copies,
    fileOf: () => undefined,
    verify: false,
    progress: { add: () => lost.abort(new Error("the lease is lost")), done: () => undefined },
    signal: lost.signal,
  });
  await assert.rejects(work, /the lease is lost/);
});
