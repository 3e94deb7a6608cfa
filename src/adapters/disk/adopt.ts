import fs from "node:fs";
import { chmod, copyFile, link, lstat, utimes } from "node:fs/promises";
import { resolve } from "node:path";
import type { Location } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { createBufferPool } from "#kit/buffer-pool.ts";
import { coalesce } from "#kit/coalesce.ts";
import { algorithmOf, digestSoFar, hasher, type Digest } from "#oci/digest.ts";
import { publish } from "./commit.ts";
import { closeFile, errnoOf, openFile, removeFile, syncFile } from "#kit/file-calls.ts";
import { createShards, syncFolder } from "./folders.ts";
import { createLayout, newHandle } from "./layout.ts";
import { openForReading } from "#kit/open-file.ts";
import { readChunks } from "./read-chunks.ts";
import { storageError } from "#core/storage-error.ts";

/** `link`: a second name for the same file. `clone`: a file of its own that shares its blocks (reflink). */
export type Way = "link" | "clone";

export interface AdoptedFile {
  location: Location;
  /** Bytes. */
  size: number;
  how: "linked" | "cloned";
}

export interface AdoptParts {
  /** Of the disk store that the files become blobs of. */
  path: string;
  groupReads: boolean;
  /** What may be done, in this order. */
  ways: readonly Way[];
}

const failed = "The file could not be taken over";
const readBytes = 1024 * 1024;
const othersMayWrite = 0o022;

/**
 * Makes files of this machine blobs of a disk store without copying their bytes: undefined where no way goes
 * (another file system, one without reflinks, somebody else's file). The name in the store comes first and is
 * then read to the end, so that what was verified is what is kept; published as by `commit`.
 * Throws digest-mismatch, with the digest found as its subject, and storage-*.
 */
export function createAdoption({ path, groupReads, ways }: AdoptParts) {
  const layout = createLayout(resolve(path));
  const sync = coalesce(syncFolder);
  const publishing = { blobs: layout.blobs, shards: createShards(layout.blobs, sync, groupReads), sync };
  const pool = createBufferPool({ size: readBytes, maxIdle: 4 });
  /** What this file system does not do isn't tried again for each file. */
  const open = new Set(ways);

  async function verified(name: string, digest: Digest): Promise<number> {
    const file = await openForReading(name);
    const hash = hasher(algorithmOf(digest));
    const short = () => new AppError("storage-failed", `${failed}: it became shorter meanwhile`);
    try {
      if (file.size > 0)
        for await (const chunk of readChunks(file, 0, file.size - 1, pool, short)) hash.update(chunk);
    } finally {
      await file.close();
    }
    const found = digestSoFar(algorithmOf(digest), hash);
    if (found === digest) return file.size;
    throw new AppError("digest-mismatch", `the file's bytes are ${found}`, { subject: found });
  }

  return async function adopt(file: string, digest: Digest): Promise<AdoptedFile | undefined> {
    const name = layout.uploadPath(newHandle());
    try {
      const way = await named(open, file, name);
      if (way === undefined) return undefined;
      const size = await verified(name, digest);
      const fd = await openFile(name, "read");
      try {
        await syncFile(fd);
      } finally {
        await closeFile(fd).catch(() => undefined);
      }
      const location = await publish(publishing, name, digest);
      return { location, size, how: way === "link" ? "linked" : "cloned" };
    } catch (error) {
      await removeFile(name).catch(() => undefined);
      throw storageError(error, failed);
    }
  };
}

/** Gives the file its second name, or makes its clone there; the way that worked. */
async function named(ways: Set<Way>, file: string, name: string): Promise<Way | undefined> {
  for (const way of ways) {
    try {
      if (way === "clone" ? await cloned(file, name) : await linked(file, name)) return way;
    } catch (error) {
      const errno = errnoOf(error) ?? "";
      await removeFile(name);
      if (!impossible.has(errno)) throw error;
      if (errno !== "EMLINK" && errno !== "EACCES" && errno !== "EPERM") ways.delete(way);
    }
  }
  return undefined;
}

async function cloned(file: string, name: string): Promise<boolean> {
  await copyFile(file, name, fs.constants.COPYFILE_FICLONE_FORCE | fs.constants.COPYFILE_EXCL);
  // A copy has its original's mode.
  await chmod(name, 0o600);
  return true;
}

/**
 * Only a plain file of this user's: modes are the file's, not the name's, and Berth must be able to set them. And only
 * one that nobody else may write: what was verified would not stay so.
 */
async function linked(file: string, name: string): Promise<boolean> {
  await link(file, name);
  const stats = await lstat(name);
  if (stats.isFile() && stats.uid === process.getuid?.() && (stats.mode & othersMayWrite) === 0) {
    // Purges tell by its age whether somebody is still at it.
    const now = new Date();
    await utimes(name, now, now);
    return true;
  }
  await removeFile(name);
  return false;
}

/** What says that this way doesn't go for this file, or for this file system. */
const impossible = new Set([
  "EXDEV",
  "EPERM",
  "EACCES",
  "EMLINK",
  "EINVAL",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "ENOTTY",
]);
