import type { UploadHandle } from "#core/blob-store.ts";
import type { Bucket } from "./bucket.ts";
import type { Layout } from "./layout.ts";

const what = "Unfinished uploads could not be listed";

/** Handles of which nothing was written since `before` (ms): neither a multipart upload, nor a part, nor a checkpoint. */
export async function* staleUploads(
  bucket: Bucket,
  layout: Layout,
  before: number,
): AsyncGenerator<UploadHandle, void, void> {
  for await (const { key, uploadId, initiated } of bucket.listUploads(what, layout.blobs)) {
    const handle = layout.handleOf(key);
    if (handle === undefined || initiated >= before) continue;
    // A large body may take longer than any limit; its parts show that it goes on.
    const part = await bucket.lastPart(what, key, uploadId);
    if ((part ?? 0) < before && (await lastCheckpoint(bucket, layout, handle)) < before) yield handle;
  }
  // The checkpoints of one handle come one after the other.
  let current: { handle: UploadHandle; last: number } | undefined;
  for await (const { key, modified } of bucket.list(what, layout.uploads)) {
    const handle = layout.handleOf(key);
    if (handle === undefined) continue;
    if (current?.handle === handle) {
      current.last = Math.max(current.last, modified);
      continue;
    }
    if (current !== undefined && (await isStale(bucket, layout, current, before))) yield current.handle;
    current = { handle, last: modified };
  }
  if (current !== undefined && (await isStale(bucket, layout, current, before))) yield current.handle;
}

/** Whether a handle with checkpoints is stale and wasn't told of by its multipart upload. */
async function isStale(
  bucket: Bucket,
  layout: Layout,
  found: { handle: UploadHandle; last: number },
  before: number,
): Promise<boolean> {
  if (found.last >= before) return false;
  for await (const _upload of bucket.listUploads(what, layout.blobKeys(found.handle))) return false;
  return true;
}

async function lastCheckpoint(bucket: Bucket, layout: Layout, handle: UploadHandle): Promise<number> {
  let last = 0;
  for await (const { modified } of bucket.list(what, layout.checkpoints(handle)))
    last = Math.max(last, modified);
  return last;
}
