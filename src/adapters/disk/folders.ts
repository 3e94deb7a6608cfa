import fs from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { closeFile } from "#kit/file-calls.ts";
import { letGroupReadFolder } from "./group-access.ts";

/**
 * Makes the names in a folder durable (renames into it, files made in it).
 * Opened synchronously: the caller has just worked in this folder, so the system knows it and no disk is asked.
 */
export async function syncFolder(path: string): Promise<void> {
  const fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    await new Promise<void>((resolve, reject) => {
      fs.fsync(fd, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  } finally {
    await closeFile(fd);
  }
}

/** Makes a folder and what is missing above it, 0700, all of it durable. One that is there stays as it is. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** Keeps the folders that blobs lie in: makes each once, lazily, and durable before anything is put there. */
export function createShards(blobs: string, sync: (folder: string) => Promise<void>, groupReads: boolean) {
  const ready = new Map<string, Promise<void>>();

  async function make(path: string): Promise<void> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (groupReads) await letGroupReadFolder(path);
    // Also when it was there: another process may have made it a moment ago and not synced it yet.
    await sync(dirname(path));
  }

  return {
    /** @param shard such as `sha256/ab`. */
    ensure(shard: string): Promise<void> {
      const known = ready.get(shard);
      if (known !== undefined) return known;
      const made = make(`${blobs}/${shard}`);
      ready.set(shard, made);
      // What failed is tried again by the next one.
      made.catch(() => ready.delete(shard));
      return made;
    },
    /** Somebody removed the folder: make it again next time. */
    forget(shard: string): void {
      ready.delete(shard);
    },
  };
}

export type Shards = ReturnType<typeof createShards>;
