import { AppError } from "#core/errors.ts";
import type { BackgroundSync } from "#kit/background-sync.ts";
import { directFile, type DirectSupport } from "./direct-file.ts";
import { closeFile, cutFile, errnoOf, openFile, removeFile, sizeOf } from "#kit/file-calls.ts";
import { createPieceWriter } from "./piece-writer.ts";
import type { Pieces } from "./pieces.ts";
import { storageError } from "#core/storage-error.ts";

const failed = "The upload could not be written";

/** What the appends of one store have in common. */
export interface AppendRoom {
  pieces: Pieces;
  direct: DirectSupport;
  syncInBackground(fd: number, offset: number): BackgroundSync;
}

/**
 * Writes `body` into the file at `path` from `offset` on; see BlobStore.append. The descriptor is open only
 * during the call: an idle upload costs a row of metadata and nothing else.
 */
export async function appendToFile(
  path: string,
  offset: number,
  body: AsyncIterable<Uint8Array>,
  room: AppendRoom,
): Promise<number> {
  let fd: number;
  try {
    fd = await openAt(path, offset);
  } catch (error) {
    throw storageError(error, failed);
  }
  const sync = room.syncInBackground(fd, offset);
  const direct = directFile(path, room.direct);
  const writer = createPieceWriter(fd, direct, offset, room.pieces, (end) => sync.written(end));
  let interrupted: { cause: unknown } | undefined;
  let outcome: { written: number } | { error: unknown };
  try {
    for await (const chunk of body) {
      const full = writer.push(chunk);
      if (full !== undefined) await full;
      if (writer.failed) break; // which also tells the body to stop
    }
  } catch (cause) {
    interrupted = { cause };
  }
  try {
    outcome = { written: await writer.finish() };
  } catch (error) {
    outcome = { error };
  }
  try {
    // Waited for here rather than at the commit, which may happen in another process: this is where a
    // failed sync can still be told. After one the system may have dropped bytes and calls the file clean,
    // so none of it can be trusted: the upload begins again at 0.
    await sync.settled();
  } catch (error) {
    outcome = { error };
    await removeFile(path).catch(() => undefined);
  } finally {
    await direct.close().catch(() => undefined);
    await closeFile(fd).catch(() => undefined);
  }
  if ("error" in outcome) throw storageError(outcome.error, failed);
  if (interrupted !== undefined) {
    throw new AppError(
      "upload-interrupted",
      "The upload broke off. Ask how much arrived and send the rest.",
      interrupted,
    );
  }
  return outcome.written;
}

/** Opens the file, made when offset is 0, and cuts it at `offset`. */
async function openAt(path: string, offset: number): Promise<number> {
  let fd: number;
  try {
    fd = await openFile(path, offset === 0 ? "write" : "change");
  } catch (error) {
    throw errnoOf(error) === "ENOENT" && offset > 0 ? gap(0, offset) : error;
  }
  try {
    const size = sizeOf(fd);
    if (size < offset) throw gap(size, offset);
    if (size > offset) await cutFile(fd, offset);
    return fd;
  } catch (error) {
    await closeFile(fd).catch(() => undefined);
    throw error;
  }
}

function gap(size: number, offset: number): AppError {
  return new AppError(
    "storage-failed",
    `The upload holds ${size} bytes, so it can't go on at byte ${offset}. Ask how much arrived and send the rest.`,
  );
}
