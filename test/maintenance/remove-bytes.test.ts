import assert from "node:assert/strict";
import { test } from "node:test";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import type { Location } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { readingLeases } from "#core/metadata/lease-names.ts";
import { removeBytes } from "#maintenance/gc/remove-bytes.ts";
import { digestOf } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";

const ever = Number.MAX_SAFE_INTEGER;

/** Buried blobs of these texts, in a real store. */
async function buried(...texts: string[]) {
  const folder = tempFolder();
  const store = await createDiskStore({ path: folder.file("store") });
  const metadata = await openSqliteMetadata({ path: folder.file("berth.db"), migrationsDir: migrations });
  const { repositories, garbage, leases } = metadata;
  const locations: Location[] = [];
  for (const text of texts) {
    const bytes = Buffer.from(text);
    const blob = { digest: digestOf("sha256", bytes), size: bytes.length };
    const location = await store.put(blob.digest, bytes);
    locations.push(location);
    const rest = { upload: undefined, replace: undefined, now: 1, by: undefined };
    await repositories.addBlob({ ...blob, ...rest, repository: "a/b" as RepositoryName, location });
  }
  await garbage.dropLinks(await garbage.looseLinks(ever, 1000, undefined), ever, 10);
  return {
    store,
    locations,
    leases,
    garbage,
    remove: (before: number, from: Partial<typeof store> = {}, signal = new AbortController().signal) =>
      removeBytes({ garbage, store: { ...store, ...from }, leases }, before, signal),
    async [Symbol.asyncDispose]() {
      await metadata[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

test("bytes of what was buried long enough ago go, and are counted", async () => {
  await using room = await buried("one", "three");
  const nothing = { removed: 0, bytes: 0, more: false, last: undefined, failure: undefined };
  assert.deepEqual(await room.remove(10), nothing);
  assert.deepEqual(await room.remove(11), { ...nothing, removed: 2, bytes: 8 });
  for (const location of room.locations) assert.equal(await room.store.stat(location), undefined);
  assert.deepEqual(await room.remove(ever), nothing);
});

for (const holder of ["", " 0f8fad5b-d9cb-469f-a165-70867728950e"])
  test(`what a reader holds (${holder === "" ? "alone" : "as one of several"}) stays until it is done`, async () => {
    await using room = await buried("held", "free");
    const [held, free] = room.locations as [Location, Location];
    const lease = await room.leases.take(`${readingLeases}${held}${holder}`, "reader", 60_000);
    assert.ok(lease);
    assert.equal((await room.remove(ever)).removed, 1);
    assert.equal(await room.store.stat(free), undefined);
    assert.equal(await room.store.stat(held), 4);
    assert.deepEqual(
      (await room.garbage.tombstones(ever, 9)).map(({ location }) => location),
      [held],
    );
    await room.leases.release(lease);
    assert.equal((await room.remove(ever)).removed, 1);
    assert.equal(await room.store.stat(held), undefined);
  });

test("what many readers hold, or can't be removed, holds up nothing that was buried after it", async () => {
  const texts = Array.from({ length: 520 }, (_, i) => `${i}`);
  await using room = await buried(...texts);
  const order = (await room.garbage.tombstones(ever, 999)).map(({ location }) => location);
  for (const location of order.slice(0, 250))
    assert.ok(await room.leases.take(`${readingLeases}${location} reader`, "reader", 60_000));
  const refused = new Set(order.slice(250, 510));
  const why = new AppError("storage-failed", "this file is another user's");
  const remove = async (location: Location) => {
    if (refused.has(location)) throw why;
    await room.store.delete(location);
  };
  const done = await room.remove(ever, { delete: remove });
  assert.deepEqual([done.removed, done.more, done.failure], [10, false, why]);
  assert.deepEqual(
    (await room.garbage.tombstones(ever, 999)).map(({ location }) => location),
    order.slice(0, 510),
  );
});

test("a store that is away is asked for a few, not for all", async () => {
  await using room = await buried(...Array.from({ length: 60 }, (_, i) => `${i}`));
  let asked = 0;
  const remove = () => {
    asked++;
    return Promise.reject(new AppError("unavailable", "the bucket doesn't answer"));
  };
  const done = await room.remove(ever, { delete: remove });
  assert.match(String(done.failure), /doesn't answer/);
  assert.ok(asked < 20, `${asked} were asked for`);
  assert.equal((await room.remove(ever)).removed, 60);
});

test("who stops doesn't wait for a store that is slow to answer", async () => {
  await using room = await buried("one", "two");
  const stop = new AbortController();
  const remove = () => {
    stop.abort();
    return new Promise<void>(() => undefined);
  };
  assert.equal((await room.remove(ever, { delete: remove }, stop.signal)).removed, 0);
  assert.equal((await room.remove(ever)).removed, 2);
});
