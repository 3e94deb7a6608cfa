import { link, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BlobCopies } from "#core/blob-copies.ts";
import { AppError } from "#core/errors.ts";
import { createBufferPool } from "#kit/buffer-pool.ts";
import { isUuid, uuid } from "#kit/uuid.ts";
import { hexOf, type Digest } from "#oci/digest.ts";
import {
  closeFile,
  errnoOf,
  openFile,
  removeFile,
  renameFile,
  statFile,
  syncFile,
  writeFile,
} from "#kit/file-calls.ts";
import { makeFolder, syncFolder } from "./folders.ts";
import { shardOf } from "./layout.ts";
import { openBlob } from "./open-blob.ts";

const readBytes = 1024 * 1024;
const idleBuffers = 8;
/** What is older in `unfinished` was left by a process that was killed. */
const forgottenAfter = 24 * 3600_000;
/** Why there can be no second name for a file: another file system, one without links, too many of them. */
const noLink = new Set(["EXDEV", "EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EACCES"]);

/**
 * Copies of blobs in a folder (core/blob-copies.ts): `<algorithm>/<hex, first 2>/<hex>`, and `unfinished/` for
 * what is being written. Errors: storage-full, storage-failed, naming the folder.
 */
export function createCopiesFolder(path: string): BlobCopies {
  const unfinished = join(path, "unfinished");
  const pool = createBufferPool({ size: readBytes, maxIdle: idleBuffers });
  const shards = new Map<string, Promise<void>>();
  const touched = new Set<string>();
  let prepared: Promise<void> | undefined;
  const fileOf = (digest: Digest) => join(path, shardOf(digest), hexOf(digest));

  async function inWords<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw folderError(error, path);
    }
  }

  function shard(digest: Digest): Promise<void> {
    const folder = join(path, shardOf(digest));
    touched.add(folder);
    const known = shards.get(folder) ?? makeFolder(folder);
    shards.set(folder, known);
    return known;
  }

  /** Of what others may have there only drafts are removed; a second name has its file's mtime, but its own ctime. */
  async function prepare(): Promise<void> {
    await makeFolder(unfinished);
    for (const name of (await readdir(unfinished)).filter(isUuid)) {
      const found = await stat(join(unfinished, name)).catch(() => undefined);
      if (found !== undefined && found.ctimeMs < Date.now() - forgottenAfter)
        await removeFile(join(unfinished, name));
    }
  }

  /** Only for writing: a backup is also read from where nothing can be written. */
  function ready(): Promise<void> {
    return (prepared ??= prepare());
  }

  async function draftPath(): Promise<string> {
    await ready();
    return join(unfinished, uuid());
  }

  return {
    file: fileOf,
    size: (digest) => inWords(async () => (await statFile(fileOf(digest)))?.size),
    open: (digest) => openBlob(fileOf(digest), digest, pool),

    put: (digest, _size, bytes) =>
      inWords(async () => {
        await shard(digest);
        const draft = await draftPath();
        const fd = await openFile(draft, "create");
        try {
          try {
            let at = 0;
            for await (const chunk of bytes) {
              await writeFile(fd, chunk, at);
              at += chunk.length;
            }
            await syncFile(fd);
          } finally {
            await closeFile(fd);
          }
          await renameFile(draft, fileOf(digest));
        } catch (error) {
          await removeFile(draft).catch(() => undefined);
          throw error;
        }
      }),

    link: (digest, file) =>
      inWords(async () => {
        await shard(digest);
        const draft = await draftPath();
        try {
          await link(file, draft);
        } catch (error) {
          if (noLink.has(errnoOf(error) ?? "")) return false;
          if (errnoOf(error) === "ENOENT")
            throw new AppError("blob-damaged", `The stored blob ${digest} is missing.`, { subject: digest });
          throw error;
        }
        await renameFile(draft, fileOf(digest));
        // Two names of one file aren't renamed into each other: the draft's stays.
        await removeFile(draft);
        return true;
      }),

    settle: () =>
      inWords(async () => {
        // A backup without blobs has a folder, too.
        await ready();
        for (const folder of touched) await syncFolder(folder);
        touched.clear();
      }),
  };
}

function folderError(error: unknown, path: string): unknown {
  const code = errnoOf(error);
  if (error instanceof AppError || code === undefined) return error;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new AppError("storage-full", `The disk of ${path} is full: free some space there.`, {
      cause: error,
    });
  return new AppError("storage-failed", `Blobs can't be kept in ${path} (${code}).`, { cause: error });
}
