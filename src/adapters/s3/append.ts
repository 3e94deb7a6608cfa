import type { UploadHandle } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { type Checkpoint, endOf, type UploadState } from "./checkpoint.ts";
import { createPartWriter } from "./part-writer.ts";
import { stateAt } from "./state-at.ts";
import type { UploadRoom } from "./upload-room.ts";

const failed = "The upload could not be written";

/**
 * Sends `body` on as parts of the upload from `offset` on, then writes a checkpoint; see BlobStore.append.
 * @param last the commit follows at once: what is left stays in memory and becomes the last part.
 */
export async function appendParts(
  room: UploadRoom,
  handle: UploadHandle,
  offset: number,
  body: AsyncIterable<Uint8Array>,
  last: boolean,
): Promise<number> {
  const { bucket, layout, memory, checkpoints } = room;
  const key = layout.blobKey(handle);
  const found = offset === 0 && memory.isFresh(handle) ? [] : await checkpoints.list(handle);
  const before = await stateAt(room, handle, found, offset);
  memory.used(handle);
  memory.forget(handle);

  let uploadId: Promise<string> | undefined;
  const upload = () => (uploadId ??= startedOr(before.uploadId, () => bucket.beginParts(failed, key)));
  const writer = createPartWriter({
    ...room,
    before: before.parts,
    send: async (number, bytes) => bucket.putPart(failed, key, await upload(), number, bytes),
  });
  let interrupted: { cause: unknown } | undefined;
  let written = 0;
  try {
    await writer.push(before.tail);
    const waited = watch(body, (cause) => (interrupted = { cause }));
    for await (const chunk of waited) {
      const full = writer.push(chunk);
      if (full !== undefined) await full;
      written += chunk.length;
      if (writer.failed) break; // which also tells the body to stop
    }
    const keep = last && interrupted === undefined;
    const { parts, tail } = await writer.finish(keep);
    const state: UploadState = {
      uploadId: uploadId === undefined ? before.uploadId : await uploadId,
      parts,
      tail,
    };
    if (keep) memory.keep(handle, state, "unsaved");
    else await saveState(room, handle, state, found, offset);
  } catch (error) {
    await writer.finish(true).catch(() => undefined);
    // An upload of which no checkpoint tells can't be gone on with.
    if (uploadId !== undefined && before.uploadId === undefined)
      await uploadId.then((id) => bucket.abort(failed, key, id)).catch(() => undefined);
    throw error;
  }
  if (interrupted !== undefined)
    throw new AppError(
      "upload-interrupted",
      "The upload broke off. Ask how much arrived and send the rest.",
      interrupted,
    );
  return written;
}

async function startedOr(id: string | undefined, start: () => Promise<string>): Promise<string> {
  return id ?? start();
}

/** The body, which ends where it breaks off; `broken` is told why. */
async function* watch(
  body: AsyncIterable<Uint8Array>,
  broken: (cause: unknown) => void,
): AsyncGenerator<Uint8Array, void, void> {
  const chunks = body[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      let next: IteratorResult<Uint8Array>;
      try {
        next = await chunks.next();
      } catch (cause) {
        ended = true;
        broken(cause);
        return;
      }
      ended = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    if (!ended) await chunks.return?.();
  }
}

/** Writes the checkpoint, then removes those of neither the append's end nor its start. */
async function saveState(
  room: UploadRoom,
  handle: UploadHandle,
  state: UploadState,
  found: readonly Checkpoint[],
  offset: number,
): Promise<void> {
  const { checkpoints, memory } = room;
  const end = endOf(state);
  if (end === 0) {
    await checkpoints.remove(found);
    return;
  }
  const saved = await checkpoints.save(handle, state);
  await checkpoints.remove(found.filter((one) => one.end !== end && one.end !== offset));
  const start = end === offset ? [] : found.filter((one) => one.end === offset);
  memory.keep(handle, state, [...start, saved]);
}
