import { resolve } from "node:path";
import { AppError } from "#core/errors.ts";
import type { Spool } from "#core/spool.ts";
import { storageError } from "#core/storage-error.ts";
import { createBackgroundSyncs } from "#kit/background-sync.ts";
import { coalesce } from "#kit/coalesce.ts";
import { createGrowingFiles } from "#kit/growing-files.ts";
import { publish } from "./commit.ts";
import { createShards, syncFolder } from "./folders.ts";
import { createLayout, isSpoolName, newSpoolName, shardOf } from "./layout.ts";

export interface DiskSpoolParts {
  /** Of the disk store that the files become blobs of; it must have been made. */
  path: string;
  /** As in the store's parts. */
  groupReads?: boolean;
}

/**
 * The spool beside a disk store: a file among its uploads, which becomes a blob by the same sync and rename as an
 * upload (commit.ts), without a copy. What a crash leaves is found by the store's purge of stale uploads, too.
 * Written through the page cache, from which followers read it.
 */
export function createDiskSpool({ path, groupReads = false }: DiskSpoolParts): Spool {
  const { uploads, blobs } = createLayout(resolve(path));
  const sync = coalesce(syncFolder);
  const publishing = { blobs, shards: createShards(blobs, sync, groupReads), sync };
  const files = createGrowingFiles({
    folder: uploads,
    names: { make: newSpoolName, is: isSpoolName },
    // The store's own uploads have two.
    syncInBackground: createBackgroundSyncs(1),
    fault: storageError,
  });

  return {
    async begin() {
      const file = await files.begin();
      let committed = false;
      return {
        name: file.name,
        read: (start, end) => file.read(start, end),
        write: (chunk) => file.write(chunk),
        async commit(digest, size) {
          if (file.size !== size)
            throw new AppError("storage-failed", `${digest} has ${size} bytes, and ${file.size} were stored`);
          // The folder is made while the bytes are synced; an error of it surfaces in `publish`.
          publishing.shards.ensure(shardOf(digest)).catch(() => undefined);
          await file.sync();
          try {
            const location = await publish(publishing, file.path, digest);
            committed = true;
            return location;
          } catch (error) {
            throw storageError(error, "The blob could not be stored");
          }
        },
        async abort() {
          if (!committed) await file.remove();
        },
        close: () => file.close(),
        [Symbol.asyncDispose]: () => file.close(),
      };
    },

    open: (name) => files.open(name),

    sweep: (before) => files.sweep(before),
  };
}
