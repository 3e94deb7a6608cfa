import { syncFile } from "./file-calls.ts";

/** Bytes of one file between two syncs: what the last sync of a huge blob has left to write is about this. */
export const syncEvery = 32 * 1024 * 1024;

/** Syncs at once, by default. More would take every thread of libuv's pool (4) and hold up all other I/O. */
const syncsAtOnce = 2;

export interface BackgroundSync {
  /** Tells that all bytes up to `end` are written; begins a sync when one is due. Never waits. */
  written(end: number): void;
  /** Waits for a sync under way. Rejects when any sync of this file failed. */
  settled(): Promise<void>;
}

/**
 * Writes a file out while it is still coming in, so that the sync at its end has little left to wait for.
 * @param atOnce of all files together.
 */
export function createBackgroundSyncs(atOnce = syncsAtOnce): (fd: number, offset: number) => BackgroundSync {
  let running = 0;

  return (fd, offset) => {
    // Steps are counted from the file's beginning, so that what is written in many small requests is synced too.
    let step = Math.floor(offset / syncEvery);
    let current: Promise<void> | undefined;
    let failure: { error: unknown } | undefined;

    async function sync(): Promise<void> {
      running++;
      try {
        await syncFile(fd);
      } catch (error) {
        failure ??= { error };
      } finally {
        running--;
        current = undefined;
      }
    }

    return {
      written(end) {
        const reached = Math.floor(end / syncEvery);
        if (reached <= step || current !== undefined || running >= atOnce) return;
        step = reached;
        current = sync();
      },
      async settled() {
        await current;
        if (failure !== undefined) throw failure.error;
      },
    };
  };
}
