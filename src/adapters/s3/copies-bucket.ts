import type { BlobCopies } from "#core/blob-copies.ts";
import { algorithmOf, hexOf, type Digest } from "#oci/digest.ts";
import { createBoundedMap } from "#kit/bounded-map.ts";
import type { Bucket } from "./bucket.ts";
import { openBlob } from "./open-blob.ts";
import { patience } from "./retry.ts";
import type { WholeObjects } from "./whole-object.ts";

/** Lists of one 256th of the digests each; they are asked for in order. */
const keptLists = 4;
const algorithms = ["sha256", "sha512"];
/** Multipart uploads that are older were left by a process that was killed. */
const forgottenAfter = 24 * 3600_000;

/** Copies of blobs in a bucket (core/blob-copies.ts): `<prefix><algorithm>/<hex, first 2>/<hex>`. */
export function createCopiesBucket(bucket: Bucket, objects: WholeObjects, prefix: string): BlobCopies {
  const lists = createBoundedMap<string, Promise<Map<string, number>>>(keptLists);
  const shardOf = (digest: Digest) => `${prefix}${algorithmOf(digest)}/${hexOf(digest).slice(0, 2)}/`;
  const keyOf = (digest: Digest) => shardOf(digest) + hexOf(digest);
  let prepared: Promise<void> | undefined;

  /** Only below the copies' own keys: beside them may be what others are uploading. */
  async function prepare(): Promise<void> {
    for (const algorithm of algorithms)
      for await (const { key, uploadId, initiated } of bucket.listUploads(
        "The backup can't be looked up",
        `${prefix}${algorithm}/`,
      ))
        if (initiated < Date.now() - forgottenAfter)
          await bucket.abort("What an earlier backup left can't be removed", key, uploadId);
  }

  /** Only for writing: a backup is also read with keys that may do nothing else. */
  function ready(): Promise<void> {
    return (prepared ??= prepare());
  }

  async function list(shard: string): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for await (const { key, size } of bucket.list("The backup can't be looked up", shard))
      found.set(key, size);
    return found;
  }

  return {
    file: () => undefined,
    link: async () => false,
    settle: () => Promise.resolve(),

    async size(digest) {
      const shard = shardOf(digest);
      // Taken and set: the last used is the youngest.
      const listed = lists.take(shard) ?? list(shard);
      lists.set(shard, listed);
      return (await listed).get(keyOf(digest));
    },

    async put(digest, _size, bytes) {
      await ready();
      await objects.put(`The blob ${digest} could not be stored`, keyOf(digest), bytes);
    },

    open: (digest) => openBlob(bucket, { digest, key: keyOf(digest) }, patience),
  };
}
