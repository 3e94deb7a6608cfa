import { closeFile, errnoOf, openFile, writeFile } from "#kit/file-calls.ts";

/**
 * Writing past the page cache (O_DIRECT). A large layer that goes through the cache is copied once more,
 * costs memory that other things need, and must be flushed before its commit all the same. Small blobs and
 * the beginning of large ones stay in the cache, for the pull that often follows at once.
 */
export interface DirectFile {
  /** False: not written, this file (system) takes no direct writes. `piece` and `position` are aligned. */
  write(piece: Uint8Array, position: number): Promise<boolean>;
  close(): Promise<void>;
}

/** Block size that every device takes; most would take 512. */
const block = 4096;
/** The first bytes of a blob always go through the cache. */
export const cachedBytes = 4 * 1024 * 1024;

/** How many of `length` bytes at `position` can go directly. */
export function directPart(position: number, length: number): number {
  if (position < cachedBytes || position % block !== 0) return 0;
  return length - (length % block);
}

/** Whether direct writes work, remembered for a whole store: a file system takes them or doesn't. */
export interface DirectSupport {
  works: boolean;
}

/** The file at `path`, opened for direct writing when the first one comes. */
export function directFile(path: string, support: DirectSupport): DirectFile {
  let fd: number | undefined;
  return {
    async write(piece, position) {
      if (!support.works) return false;
      try {
        fd ??= await openFile(path, "direct");
        await writeFile(fd, piece, position);
        return true;
      } catch (error) {
        if (errnoOf(error) !== "EINVAL") throw error;
        support.works = false;
        return false;
      }
    },
    async close() {
      if (fd !== undefined) await closeFile(fd);
    },
  };
}
