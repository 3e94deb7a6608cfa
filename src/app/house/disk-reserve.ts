import { randomBytes } from "node:crypto";
import { rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Room on the disk of the metadata that garbage collection gives up when nothing else is left: without any SQLite can't
 * write down what is to go, so a disk that is full would stay so.
 */
export interface DiskReserve {
  /** Takes it (again) where there is room for more than that. What fails is left for the next time. */
  keep(): Promise<void>;
  /** False: it was given up before. */
  release(): Promise<boolean>;
}

/** Enough for what one run writes until the first bytes go. */
const size = 8 * 1024 * 1024;
/** It isn't taken from a disk that is nearly full. */
const leastLeft = 4 * size;

/** @param folder the data folder */
export function diskReserve(folder: string): DiskReserve {
  const file = join(folder, "reserve");
  return {
    async keep() {
      try {
        if ((await stat(file).catch(() => undefined))?.size === size) return;
        const { bavail, bsize } = await statfs(folder);
        if (bavail * bsize < leastLeft) return;
        // Zeros take no room on a file system that compresses.
        await writeFile(file, randomBytes(size), { mode: 0o600 });
      } catch {
        await rm(file, { force: true }).catch(() => undefined);
      }
    },
    async release() {
      const there = await stat(file).then(
        () => true,
        () => false,
      );
      await rm(file, { force: true });
      return there;
    },
  };
}
