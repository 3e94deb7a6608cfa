import type { Location, UploadHandle } from "#core/blob-store.ts";
import type { Digest } from "#oci/digest.ts";
import { endOf, type UploadState } from "./checkpoint.ts";
import { locationOf } from "./layout.ts";
import { abortUploads, stateAt } from "./state-at.ts";
import type { UploadRoom } from "./upload-room.ts";

const failed = "The blob could not be stored";

export interface CommitRoom extends UploadRoom {
  /** How an object says its digest: by a tag, or by an empty object beside where the server has no tags. */
  marker: "tag" | "object";
}

/** Makes the first `size` bytes of an upload a blob: last part, completion, digest told; then nothing else stays. */
export async function commitParts(
  room: CommitRoom,
  handle: UploadHandle,
  digest: Digest,
  size: number,
): Promise<Location> {
  const { memory, checkpoints, bucket, layout } = room;
  const unsaved = memory.recallUnsaved(handle);
  memory.used(handle);
  memory.forget(handle);
  const found = await checkpoints.list(handle);
  const state =
    unsaved !== undefined && endOf(unsaved) === size ? unsaved : await stateAt(room, handle, found, size);
  if (state.uploadId === undefined) {
    const location = await putBlob(room, handle, digest, state.tail);
    await checkpoints.remove(found);
    return location;
  }
  const key = layout.blobKey(handle);
  const parts = [...state.parts];
  if (state.tail.length > 0)
    parts.push(await bucket.putPart(failed, key, state.uploadId, parts.length + 1, state.tail));
  await bucket.complete(failed, key, state.uploadId, parts);
  const location = await orRemoved(room, key, async () => {
    if (room.marker === "tag") await bucket.tag(failed, key, digest);
    else await mark(room, handle, digest);
    return locationOf(handle, digest);
  });
  // The blob is there. What can't be tidied up now, the purge finds.
  await Promise.allSettled([checkpoints.remove(found), abortUploads(room, handle)]);
  return location;
}

/** Makes bytes the blob of a handle in one request. */
export async function putBlob(
  room: CommitRoom,
  handle: UploadHandle,
  digest: Digest,
  bytes: UploadState["tail"],
): Promise<Location> {
  const { bucket, layout, marker } = room;
  const key = layout.blobKey(handle);
  const tagged = marker === "tag" ? digest : undefined;
  await bucket.put(failed, key, bytes, { blob: true, digest: tagged });
  if (marker === "object") await orRemoved(room, key, () => mark(room, handle, digest));
  return locationOf(handle, digest);
}

async function mark({ bucket, layout }: CommitRoom, handle: UploadHandle, digest: Digest): Promise<void> {
  const place = layout.place(locationOf(handle, digest));
  await bucket.put(failed, layout.markerKey(place), new Uint8Array(), "passing");
}

/** Nobody learns the location when this fails, so nobody else could remove the object. */
async function orRemoved<T>({ bucket }: CommitRoom, key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await bucket.remove(failed, key).catch(() => undefined);
    throw error;
  }
}
