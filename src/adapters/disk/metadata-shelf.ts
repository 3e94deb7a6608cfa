import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { AppError } from "#core/errors.ts";
import type { MetadataShelf, ShelvedSnapshot } from "#core/metadata-shelf.ts";
import { snapshotTime } from "#core/snapshot-name.ts";
import { createDraft } from "#kit/draft-file.ts";
import { errnoOf } from "#kit/file-calls.ts";
import { makeFolder, syncFolder } from "./folders.ts";
import { reason } from "./prepare-folder.ts";

/**
 * Snapshots of the metadata in `PATH/metadata` beside the blobs, its owner's alone (core/metadata-shelf.ts). The folder
 * is made with the first of them. @param path of the store (layout.ts)
 */
export function createDiskShelf(path: string): MetadataShelf {
  const folder = join(path, "metadata");

  async function inWords<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      const errno = errnoOf(error);
      if (error instanceof AppError || errno === undefined) throw error;
      const code = errno === "ENOSPC" || errno === "EDQUOT" ? "storage-full" : "storage-failed";
      throw new AppError(code, `Snapshots of the metadata can't be kept in ${folder}: ${reason(errno)}.`, {
        cause: error,
      });
    }
  }

  async function list(): Promise<ShelvedSnapshot[]> {
    const names = await readdir(folder).catch((error: unknown) => {
      if (errnoOf(error) === "ENOENT") return [];
      throw error;
    });
    const found: ShelvedSnapshot[] = [];
    for (const name of names.filter((each) => snapshotTime(each) !== undefined).sort()) {
      const stats = await stat(join(folder, name)).catch(() => undefined);
      if (stats?.isFile() === true) found.push({ name, size: stats.size });
    }
    return found;
  }

  return {
    put: (name, file, signal) =>
      inWords(async () => {
        await makeFolder(folder);
        await using draft = await createDraft(folder);
        await pipeline(createReadStream(file), createWriteStream(draft.path, { flags: "r+" }), { signal });
        signal.throwIfAborted();
        await draft.publish(join(folder, checked(name)), true);
      }, signal),

    list: () => inWords(list),

    fetch: (name, file, signal) =>
      inWords(async () => {
        const source = join(folder, checked(name));
        const { size } = await stat(source).catch((cause: unknown) => {
          throw errnoOf(cause) === "ENOENT" ? gone(name, cause) : cause;
        });
        const target = createWriteStream(file, { flags: "wx", mode: 0o600 });
        await pipeline(createReadStream(source), target, { signal });
        if (target.bytesWritten !== size) throw gone(name, undefined);
      }, signal),

    remove: (name) =>
      inWords(async () => {
        await rm(join(folder, checked(name)), { force: true });
        await syncFolder(folder);
      }),
  };
}

/** No other file is ever read, written or removed. */
function checked(name: string): string {
  if (snapshotTime(name) !== undefined) return name;
  throw new AppError(
    "storage-failed",
    `${JSON.stringify(name)} is not the name of a snapshot of the metadata`,
  );
}

function gone(name: string, cause: unknown): AppError {
  return new AppError("storage-failed", `the snapshot ${name} isn't there (any more)`, { cause });
}
