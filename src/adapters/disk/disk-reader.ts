import { resolve } from "node:path";
import type { BlobStore } from "#core/blob-store.ts";
import { storageError } from "#core/storage-error.ts";
import { createBufferPool } from "#kit/buffer-pool.ts";
import { statFile } from "#kit/file-calls.ts";
import { createLayout, digestAt } from "./layout.ts";
import { openBlob } from "./open-blob.ts";

/** Bytes of a read. */
const readBytes = 1024 * 1024;
/** Read buffers kept for the next readers. */
const idleBuffers = 4;

/**
 * The blobs of a disk store for a process that never writes there, such as one of another user: nothing is made,
 * tried out or changed.
 */
export function createDiskReader(path: string): Pick<BlobStore, "open" | "stat"> {
  const layout = createLayout(resolve(path));
  const pool = createBufferPool({ size: readBytes, maxIdle: idleBuffers });
  return {
    open: async (location) => openBlob(layout.blobPath(location), digestAt(location), pool),

    async stat(location) {
      const file = layout.blobPath(location);
      try {
        return (await statFile(file))?.size;
      } catch (error) {
        throw storageError(error, "The blob could not be looked up");
      }
    },
  };
}
