import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import { closeFile, errnoOf, openFile, removeFile, renameFile, writeFile } from "#kit/file-calls.ts";
import { makeFolder } from "./folders.ts";
import { letGroupReadFolders } from "./group-access.ts";
import { type Layout, newHandle } from "./layout.ts";

/**
 * Makes the store's folders and tries them out: a file is written, renamed from uploads to blobs, removed.
 * Throws storage-failed in words for the person who starts the server (so with the path).
 */
export async function prepareFolder(path: string, layout: Layout, groupReads: boolean): Promise<void> {
  try {
    await makeFolder(layout.uploads);
    await makeFolder(join(layout.blobs, "sha256"));
    await makeFolder(join(layout.blobs, "sha512"));
    if (groupReads) await letGroupReadFolders(path, layout.blobs);
    const name = newHandle();
    await probe(join(layout.uploads, name), join(layout.blobs, name));
  } catch (error) {
    throw new AppError(
      "storage-failed",
      `Blobs can't be stored in ${path}: ${reason(errnoOf(error))}. ` +
        "Make it a folder that the user running Berth may write, or name another one as storage.disk.path.",
      { cause: error },
    );
  }
}

/** Writes a tiny file, moves it to `target` when one is given, and removes it. */
export async function probe(path: string, target = path): Promise<void> {
  try {
    const fd = await openFile(path, "create");
    try {
      await writeFile(fd, Buffer.from("probe\n"), 0);
    } finally {
      await closeFile(fd);
    }
    if (target !== path) await renameFile(path, target);
  } catch (error) {
    await removeFile(path).catch(() => undefined);
    throw error;
  }
  await removeFile(target);
}

/** Why a folder can't be used, for who runs the server. */
export function reason(errno: string | undefined): string {
  switch (errno) {
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EROFS":
      return "the file system is read-only";
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full";
    case "EEXIST":
    case "ENOTDIR":
      return "a part of that path is a file";
    case "EXDEV":
      return "its folders uploads and blobs are on different file systems and must be on one";
    default:
      return errno ?? "unknown reason";
  }
}
