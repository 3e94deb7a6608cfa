import type { Location } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { Digest } from "#oci/digest.ts";
import {
  closeFile,
  cutFile,
  errnoOf,
  openFile,
  removeFile,
  renameFile,
  sizeOf,
  syncFile,
  writeFile,
} from "#kit/file-calls.ts";
import type { Shards } from "./folders.ts";
import { newLocation, shardOf } from "./layout.ts";
import { storageError } from "#core/storage-error.ts";

const failed = "The blob could not be stored";

export interface Publishing {
  /** Folder of all blobs. */
  blobs: string;
  shards: Shards;
  /** Makes the names in a folder durable; concurrent calls are joined. */
  sync(folder: string): Promise<void>;
}

/** Makes the first `size` bytes of the file at `path` a blob: bytes durable, then renamed, then the name durable. */
export async function commitFile(
  to: Publishing,
  path: string,
  digest: Digest,
  size: number,
): Promise<Location> {
  try {
    // The folder is made while the bytes are synced; an error of it surfaces in `publish`.
    to.shards.ensure(shardOf(digest)).catch(() => undefined);
    const fd = await openUpload(path, size);
    try {
      const stored = sizeOf(fd);
      if (stored < size) throw incomplete(stored, size);
      if (stored > size) await cutFile(fd, size);
      await syncOrDrop(fd, path);
    } finally {
      await closeFile(fd).catch(() => undefined);
    }
    return await publish(to, path, digest);
  } catch (error) {
    throw storageError(error, failed);
  }
}

/** Makes `bytes` a blob by way of a new file at `path`, of which nothing is left on failure. */
export async function putFile(
  to: Publishing,
  path: string,
  digest: Digest,
  bytes: Uint8Array,
): Promise<Location> {
  try {
    to.shards.ensure(shardOf(digest)).catch(() => undefined);
    const fd = await openFile(path, "create");
    try {
      try {
        if (bytes.length > 0) await writeFile(fd, bytes, 0);
        await syncFile(fd);
      } finally {
        await closeFile(fd).catch(() => undefined);
      }
      return await publish(to, path, digest);
    } catch (error) {
      await removeFile(path).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw storageError(error, failed);
  }
}

/** Gives a file whose bytes are durable its place among the blobs, and makes that durable. */
export async function publish(to: Publishing, path: string, digest: Digest): Promise<Location> {
  const shard = shardOf(digest);
  const location = newLocation(digest);
  const target = `${to.blobs}/${location}`;
  await to.shards.ensure(shard);
  try {
    await renameFile(path, target);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") to.shards.forget(shard);
    throw error;
  }
  try {
    await to.sync(`${to.blobs}/${shard}`);
  } catch (error) {
    // Nobody will learn this location, so nobody could ever delete it.
    await removeFile(target).catch(() => undefined);
    throw error;
  }
  return location;
}

/** An upload that never got a byte has no file; as a zero-byte blob it gets one now. */
async function openUpload(path: string, size: number): Promise<number> {
  try {
    return await openFile(path, "change");
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    if (size > 0) throw incomplete(0, size);
    return await openFile(path, "create");
  }
}

/** After a failed sync the system may call lost bytes clean, so a second try would "succeed": the file must go. */
async function syncOrDrop(fd: number, path: string): Promise<void> {
  try {
    await syncFile(fd);
  } catch (error) {
    await removeFile(path).catch(() => undefined);
    throw error;
  }
}

function incomplete(stored: number, size: number): AppError {
  return new AppError(
    "storage-failed",
    `The upload holds ${stored} of ${size} bytes. Ask how much arrived and send the rest.`,
  );
}
