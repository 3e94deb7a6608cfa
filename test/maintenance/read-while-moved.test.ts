import assert from "node:assert/strict";
import { test } from "node:test";
import { createTwoStores } from "#adapters/two-stores/two-stores.ts";
import type { BlobStore } from "#core/blob-store.ts";
import { createBlobs } from "#registry/blobs.ts";
import { collect } from "../contract/blob-store-checks.ts";
import { openFolders, repository } from "./two-folders.ts";

const request = { method: "GET", range: undefined, ttl: 1000 } as const;

for (const what of ["stat", "open", "link"] as const) {
  test(`${what} finds a blob that is moved, and its old copy removed, after its place was looked up`, async () => {
    await using folders = await openFolders();
    const { metadata, old, fresh } = folders;
    const bytes = Buffer.from("on its way");
    const digest = await folders.push(bytes);
    const both = createTwoStores({ name: "new", ...fresh }, { name: "old", ...old });
    let moves = 0;
    const moved = async () => {
      if (moves++ === 0) assert.equal((await folders.move({ removeAfter: 0 })).notRemoved, 0);
    };
    const store: BlobStore = {
      ...both,
      stat: async (location) => moved().then(() => both.stat(location)),
      open: async (location) => moved().then(() => both.open(location)),
    };
    const { repositories } = metadata;
    const blobs = createBlobs({ store, repositories, clock: Date.now, verifyReads: false });
    if (what === "stat") assert.equal((await blobs.stat(repository, digest)).size, bytes.length);
    else if (what === "link")
      assert.ok(fresh.owns((await blobs.link(repository, digest, request))?.facts.location ?? ("" as never)));
    else {
      await using blob = (await blobs.open(repository, digest)).blob;
      assert.deepEqual(await collect(blob.read(0, blob.size - 1)), bytes);
    }
    assert.equal((await repositories.recordedBlob(digest))?.damaged, false);
    assert.equal(moves, 2);
  });
}
