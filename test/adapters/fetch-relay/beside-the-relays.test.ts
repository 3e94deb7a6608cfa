import assert from "node:assert/strict";
import { test } from "node:test";
import { followFetches } from "#adapters/fetch-relay/fetch-relay.ts";
import { blobOf, startFetch, tempFolder, twoRelays } from "./two-relays.ts";

test("a process beside the workers follows their fetches", async (t) => {
  const { folder, fetches } = await twoRelays(t);
  const wanted = blobOf(1, 2);
  const fetch = startFetch();
  fetches.set(wanted.digest, fetch);
  using beside = followFetches({ folder, slots: 2 });
  const following = beside.follow(wanted);
  fetch.begin({ size: 10, file: "a-file" });
  const blob = await following;
  assert.ok(blob);
  assert.deepEqual(await blob.begun, { size: 10, file: "a-file" });
  fetch.grow(10);
  fetch.finish();
  await blob.done;
});

test("where no worker is there it fetches by itself", async (t) => {
  using beside = followFetches({ folder: await tempFolder(t), slots: 2 });
  assert.equal(await beside.follow(blobOf(0, 2)), undefined);
});
