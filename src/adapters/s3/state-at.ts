import type { UploadHandle } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { algorithmOf, type Digest } from "#oci/digest.ts";
import { type Checkpoint, emptyState, endOf, tailStart, type UploadState } from "./checkpoint.ts";
import { uploadGone } from "./s3-error.ts";
import type { UploadRoom } from "./upload-room.ts";

/**
 * The state of an upload with exactly `offset` bytes, made by cutting where the bucket has more. What was
 * sent as a part can only be cut off whole: such an offset is refused, and the client begins a new upload.
 * Errors: storage-failed when there are fewer bytes; upload-unknown when they aren't those of `digest`, because
 * somebody wrote whose turn it wasn't any more.
 * @param digest of those bytes; undefined: unknown.
 */
export async function stateAt(
  room: UploadRoom,
  handle: UploadHandle,
  found: readonly Checkpoint[],
  offset: number,
  digest: Digest | undefined,
): Promise<UploadState> {
  if (offset === 0) {
    // From the beginning: parts of an earlier try would be in the way of an upload that has fewer.
    if (found.length > 0) await abortUploads(room, handle);
    return emptyState;
  }
  const from = found.find(({ end }) => end >= offset);
  if (from === undefined) throw gap(found.at(-1)?.end ?? 0, offset);
  const known = room.memory.recall(handle, found);
  const state = known !== undefined && endOf(known) === from.end ? known : await room.checkpoints.load(from);
  const whole = endOf(state) === offset;
  if (whole && areOthers(state.digest, digest)) throw uploadGone("The upload can't go on");
  return whole ? state : cut({ ...state, digest: undefined }, offset);
}

/** Digests of one algorithm that differ. */
function areOthers(one: Digest | undefined, other: Digest | undefined): boolean {
  if (one === undefined || other === undefined || one === other) return false;
  return algorithmOf(one) === algorithmOf(other);
}

/** Ends all multipart uploads of the handle. */
export async function abortUploads({ bucket, layout }: UploadRoom, handle: UploadHandle): Promise<void> {
  const what = "The upload could not be removed";
  for await (const { key, uploadId } of bucket.listUploads(what, layout.blobKeys(handle)))
    await bucket.abort(what, key, uploadId);
}

function cut(state: UploadState, offset: number): UploadState {
  const start = tailStart(state);
  if (offset >= start) return { ...state, tail: state.tail.subarray(0, offset - start) };
  let size = 0;
  const kept = state.parts.findIndex((part) => (size += part.size) === offset);
  if (kept >= 0) return { ...state, parts: state.parts.slice(0, kept + 1), tail: new Uint8Array() };
  throw new AppError(
    "storage-failed",
    `The upload can't go back to byte ${offset}: what was stored behind it can't be cut. Begin a new upload.`,
  );
}

function gap(size: number, offset: number): AppError {
  return new AppError(
    "storage-failed",
    `The upload holds ${size} bytes, so it can't go on at byte ${offset}. Ask how much arrived and send the rest.`,
  );
}
