import assert from "node:assert/strict";
import { test } from "node:test";
import type { Location } from "#core/blob-store.ts";
import type { BlobFacts, Page } from "#core/metadata/repositories.ts";
import { recordedBlobs, soundBlobs } from "#maintenance/recorded-blobs.ts";
import { digestOf } from "#oci/digest.ts";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test("a damaged blob on a full page doesn't end the walk over those that follow", async () => {
  const facts = Array.from({ length: 1_200 }, (_, i): BlobFacts => {
    const digest = digestOf("sha256", Buffer.from(`${i}`));
    return { digest, size: 1, location: digest as string as Location, damaged: i === 7 };
  }).sort((one, other) => (one.digest < other.digest ? -1 : 1));
  const repositories = {
    recordedBlobs: async ({ limit, last = "" }: Page) =>
      facts.filter(({ digest }) => digest > last).slice(0, limit),
  };
  assert.deepEqual(await all(recordedBlobs(repositories)), facts);
  assert.deepEqual(
    await all(soundBlobs(repositories)),
    facts.filter(({ damaged }) => !damaged),
  );
});
