import type { AppendUse, UploadHandle } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { type Checkpoint, endOf, type UploadState } from "./checkpoint.ts";
import { newName } from "./layout.ts";
import { createPartWriter } from "./part-writer.ts";
import { stateAt } from "./state-at.ts";
import type { UploadRoom } from "./upload-room.ts";

const failed = "The upload could not be written";

type Begun = NonNullable<UploadState["upload"]>;

/**
 * Sends `body` on as parts of the upload from `offset` on, then writes a checkpoint; see BlobStore.append.
 * With `use.last` the commit follows at once: what is left stays in memory and becomes the last part.
 */
export async function appendParts(
  room: UploadRoom,
  handle: UploadHandle,
  offset: number,
  body: AsyncIterable<Uint8Array>,
  { last = false, digests }: AppendUse = {},
): Promise<number> {
  const { bucket, layout, memory, checkpoints } = room;
  const found = offset === 0 && memory.isFresh(handle) ? [] : await checkpoints.list(handle);
  const before = await stateAt(room, handle, found, offset, digests?.before);
  memory.used(handle);
  memory.forget(handle);

  let begun: Promise<Begun> | undefined;
  const upload = () => (begun ??= before.upload === undefined ? begin() : Promise.resolve(before.upload));
  async function begin(): Promise<Begun> {
    const name = newName(handle);
    return { name, id: await bucket.beginParts(failed, layout.blobKey(name)) };
  }
  const writer = createPartWriter({
    ...room,
    before: before.parts,
    async send(number, bytes) {
      const { id, name } = await upload();
      return bucket.putPart(failed, layout.blobKey(name), id, number, bytes);
    },
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
    // Whose turn it isn't any more says nothing: another goes on with the upload.
    if (interrupted?.cause instanceof AppError && interrupted.cause.code === "upload-busy")
      throw interrupted.cause;
    const keep = last && interrupted === undefined;
    const { parts, tail } = await writer.finish(keep);
    const state: UploadState = {
      upload: begun === undefined ? before.upload : await begun,
      parts,
      tail,
      digest: digests?.after(),
    };
    if (keep) memory.keep(handle, state, "unsaved");
    else await saveState(room, handle, state, found, offset);
  } catch (error) {
    await writer.finish(true).catch(() => undefined);
    // An upload of which no checkpoint tells can't be gone on with.
    if (begun !== undefined && before.upload === undefined)
      await begun
        .then(({ id, name }) => bucket.abort(failed, layout.blobKey(name), id))
        .catch(() => undefined);
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
