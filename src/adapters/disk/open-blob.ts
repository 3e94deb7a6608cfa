import type { OpenBlob } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { BufferPool } from "#kit/buffer-pool.ts";
import { errnoOf } from "#kit/file-calls.ts";
import { type OpenFile, openForReading } from "#kit/open-file.ts";
import { readChunks } from "./read-chunks.ts";
import { storageError } from "#core/storage-error.ts";

/** Opens the blob at `path`; see BlobStore.open. @param digest what its name says, for messages. */
export async function openBlob(path: string, digest: string, pool: BufferPool): Promise<OpenBlob> {
  const damaged = (what: string, cause?: unknown) =>
    new AppError("blob-damaged", `The stored blob ${digest} is ${what}; push it again.`, {
      subject: digest,
      cause,
    });
  let file: OpenFile;
  try {
    file = await openForReading(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") throw damaged("missing", error);
    throw storageError(error, `The blob ${digest} could not be opened`);
  }
  if (!file.regular) {
    await file.close();
    throw damaged("not a file");
  }
  return {
    size: file.size,
    read: (start, end) => readChunks(file, start, end, pool, () => damaged("shorter than it was")),
    close: () => file.close(),
    [Symbol.asyncDispose]: () => file.close(),
  };
}
