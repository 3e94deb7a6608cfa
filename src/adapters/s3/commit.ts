import type { Location, UploadHandle } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { algorithmOf, digestSoFar, hasher, type Digest } from "#oci/digest.ts";
import type { Bucket } from "./bucket.ts";
import { endOf, type UploadState } from "./checkpoint.ts";
import { locationOf, newName, type Place } from "./layout.ts";
import { openBlob } from "./open-blob.ts";
import type { Patience } from "./retry.ts";
import { uploadGone } from "./s3-error.ts";
import { abortUploads, stateAt } from "./state-at.ts";
import type { UploadRoom } from "./upload-room.ts";

const failed = "The blob could not be stored";

export interface CommitRoom extends UploadRoom {
  /** How an object says its digest: by a tag, or by an empty object beside where the server has no tags. */
  marker: "tag" | "object";
  patience: Patience;
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
  if (unsaved !== undefined) memory.forget(handle);
  const found = await checkpoints.list(handle);
  const state =
    unsaved !== undefined && endOf(unsaved) === size
      ? unsaved
      : await stateAt(room, handle, found, size, digest);
  memory.forget(handle);
  if (state.upload === undefined) {
    const location = await putBlob(room, handle, digest, state.tail);
    await checkpoints.remove(found);
    return location;
  }
  const { id, name } = state.upload;
  const location = locationOf(name, digest);
  const place = layout.place(location);
  await complete(room, place, id, state);
  // When this fails the object stays: the client's next try finds it, and there is nothing else to try with.
  if (room.marker === "tag") await bucket.tag(failed, place.key, digest);
  else await mark(room, place);
  // The blob is there. What can't be tidied up now, the purge finds.
  await Promise.allSettled([checkpoints.remove(found), abortUploads(room, handle)]);
  return location;
}

/**
 * The last part, and all parts made the object. An earlier commit of the handle may have come so far, with its
 * answer lost or its process ended: then its object is the blob, if its bytes are those of the digest.
 */
async function complete(
  { bucket, patience }: CommitRoom,
  place: Place,
  uploadId: string,
  state: UploadState,
): Promise<void> {
  const { tail } = state;
  const parts = [...state.parts];
  try {
    if (tail.length > 0)
      parts.push(await bucket.putPart(failed, place.key, uploadId, parts.length + 1, tail));
    if ((await bucket.complete(failed, place.key, uploadId, parts)) === "completed") return;
  } catch (error) {
    if (!(error instanceof AppError && error.code === "upload-unknown")) throw error;
    if (await holds(bucket, place, endOf(state), patience)) return;
    throw error;
  }
  if (await holds(bucket, place, endOf(state), patience)) return;
  throw uploadGone(failed);
}

/** Whether the object has this size and digest, found out by reading it. */
async function holds(bucket: Bucket, place: Place, size: number, patience: Patience): Promise<boolean> {
  if ((await bucket.head(failed, place.key))?.size !== size) return false;
  const algorithm = algorithmOf(place.digest);
  const hash = hasher(algorithm);
  await using blob = await openBlob(bucket, place, patience);
  for await (const chunk of blob.read(0, size - 1)) hash.update(chunk);
  return digestSoFar(algorithm, hash) === place.digest;
}

/** Makes bytes the blob of a handle in one request, under a name of its own. */
export async function putBlob(
  room: CommitRoom,
  handle: UploadHandle,
  digest: Digest,
  bytes: UploadState["tail"],
): Promise<Location> {
  const { bucket, layout, marker } = room;
  const location = locationOf(newName(handle), digest);
  const place = layout.place(location);
  const tagged = marker === "tag" ? digest : undefined;
  await bucket.put(failed, place.key, bytes, { blob: true, digest: tagged });
  if (marker === "object")
    await mark(room, place).catch(async (error: unknown) => {
      // Nobody learns the location, so nobody else could remove the object.
      await bucket.remove(failed, place.key).catch(() => undefined);
      throw error;
    });
  return location;
}

async function mark({ bucket, layout }: CommitRoom, place: Place): Promise<void> {
  await bucket.put(failed, layout.markerKey(place), new Uint8Array(), "passing");
}
