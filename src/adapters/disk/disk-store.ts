import { opendir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { BlobStore, UploadHandle } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { createBufferPool } from "#kit/buffer-pool.ts";
import { coalesce } from "#kit/coalesce.ts";
import { appendToFile } from "./append.ts";
import { createBackgroundSyncs } from "#kit/background-sync.ts";
import { commitFile, putFile } from "./commit.ts";
import { removeFile, statFile } from "#kit/file-calls.ts";
import { createShards, syncFolder } from "./folders.ts";
import { letGroupReadFile } from "./group-access.ts";
import { createLayout, digestAt, isHandle, newHandle } from "./layout.ts";
import { listBlobs } from "./list-blobs.ts";
import { openBlob } from "./open-blob.ts";
import { openForReading } from "#kit/open-file.ts";
import { createPieces } from "./pieces.ts";
import { prepareFolder, probe } from "./prepare-folder.ts";
import { readChunks } from "./read-chunks.ts";
import { storageError } from "#core/storage-error.ts";

/** Bytes of a read; a blob up to this size is one. */
const readBytes = 1024 * 1024;
/** Read buffers kept for the next readers: 8 MiB. */
const idleBuffers = 8;

/** Places of blobs that were handed over, remembered at most. */
const mostOpened = 20_000;

export interface DiskStoreParts {
  path: string;
  /** Large uploads past the page cache (direct-file.ts), where the file system can. */
  directWrites?: boolean;
  /** Blobs may be read by the group of the user that runs Berth (a proxy that sends them), not by the owner alone. */
  groupReads?: boolean;
}

/**
 * The blob store in a folder of one file system (core/blob-store.ts; layout.ts says what lies where).
 * Owns everything below `path`; never looks at what the bytes mean. Several processes may use one folder.
 * Flow: begin (no I/O) → append (gathered writes) → commit (sync, rename, sync of the folder).
 * Makes the folder when it is missing; an AppError says what to do when it can't be used.
 */
export async function createDiskStore(parts: DiskStoreParts): Promise<BlobStore> {
  const { path, directWrites = true, groupReads = false } = parts;
  const layout = createLayout(resolve(path));
  await prepareFolder(path, layout, groupReads);
  const sync = coalesce(syncFolder);
  const publishing = { blobs: layout.blobs, shards: createShards(layout.blobs, sync, groupReads), sync };
  const appending = {
    pieces: createPieces(),
    direct: { works: directWrites },
    syncInBackground: createBackgroundSyncs(),
  };
  const pool = createBufferPool({ size: readBytes, maxIdle: idleBuffers });
  /** Blobs that the group may read already; places are never used again. */
  const opened = new Set<string>();

  async function* rereadUpload(uploadPath: string, size: number) {
    if (size === 0) return;
    const what = "The unfinished upload could not be read again";
    const file = await openForReading(uploadPath).catch((error: unknown) => {
      throw storageError(error, what);
    });
    try {
      const short = () => new AppError("storage-failed", `${what}: it holds fewer than ${size} bytes.`);
      yield* readChunks(file, 0, size - 1, pool, short);
    } finally {
      await file.close();
    }
  }

  return {
    begin: newHandle,

    async uploaded(handle) {
      const stats = await translated(
        statFile(layout.uploadPath(handle)),
        "The upload could not be looked up",
      );
      return stats?.size ?? 0;
    },

    append: async (handle, offset, body) => appendToFile(layout.uploadPath(handle), offset, body, appending),

    reread: (handle, size) => rereadUpload(layout.uploadPath(handle), size),

    commit: async (handle, digest, size) => commitFile(publishing, layout.uploadPath(handle), digest, size),

    put: (digest, bytes) => putFile(publishing, layout.uploadPath(newHandle()), digest, bytes),

    async abort(handle) {
      await translated(removeFile(layout.uploadPath(handle)), "The upload could not be removed");
    },

    open: async (location) => openBlob(layout.blobPath(location), digestAt(location), pool),

    async stat(location) {
      const stats = await translated(statFile(layout.blobPath(location)), "The blob could not be looked up");
      return stats?.size;
    },

    async link(location) {
      const file = layout.blobPath(location);
      if (groupReads && !opened.has(location)) {
        await translated(letGroupReadFile(file), "The blob could not be opened to the group");
        if (opened.size >= mostOpened) opened.clear();
        opened.add(location);
      }
      return { kind: "file", path: location };
    },

    // Not synced: a blob that a power failure brings back is one that nobody refers to.
    async delete(location) {
      await translated(removeFile(layout.blobPath(location)), "The blob could not be removed");
    },

    list: (known) => listBlobs(layout.blobs, known),

    staleUploads: (before) => staleUploads(layout.uploads, before),

    check: () => translated(probe(join(layout.uploads, newHandle())), "The blob folder takes no writes"),
  };
}

async function* staleUploads(uploads: string, before: number): AsyncGenerator<UploadHandle, void, void> {
  const what = "Unfinished uploads could not be listed";
  const folder = await translated(opendir(uploads), what);
  for await (const entry of folder) {
    if (!isHandle(entry.name)) continue;
    const stats = await translated(statFile(join(uploads, entry.name)), what);
    if (stats !== undefined && stats.mtimeMs < before) yield entry.name;
  }
}

async function translated<T>(result: Promise<T>, what: string): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw storageError(error, what);
  }
}
