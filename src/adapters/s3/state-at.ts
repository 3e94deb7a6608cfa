import type { UploadHandle } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { type Checkpoint, emptyState, endOf, tailStart, type UploadState } from "./checkpoint.ts";
import type { UploadRoom } from "./upload-room.ts";

/**
 * The state of an upload with exactly `offset` bytes, made by cutting where the bucket has more. What was
 * sent as a part can only be cut off whole: such an offset is refused, and the client begins a new upload.
 * Errors: storage-failed when there are fewer bytes.
 */
export async function stateAt(
  room: UploadRoom,
  handle: UploadHandle,
  found: readonly Checkpoint[],
  offset: number,
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
  return cut(state, offset);
}

/** Ends all multipart uploads under the handle's key. */
export async function abortUploads({ bucket, layout }: UploadRoom, handle: UploadHandle): Promise<void> {
  const what = "The upload could not be removed";
  const key = layout.blobKey(handle);
  for await (const upload of bucket.listUploads(what, key))
    if (upload.key === key) await bucket.abort(what, key, upload.uploadId);
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
