import fs from "node:fs";
import { open, opendir, readdir, realpath, stat, type FileHandle } from "node:fs/promises";
import { join, resolve } from "node:path";
import { AppError } from "#core/errors.ts";
import type { SourceBlob } from "#core/registry-source.ts";
import type { Tree, TreeFile } from "./tree.ts";

/** Where the tree may begin, below the folder that somebody named. */
const beginnings = ["docker/registry/v2", ".", "v2", "registry/v2"];
const isLink = "a symbolic link is in its place, which is not followed";
const readBytes = 1024 * 1024;
/** A pipe in a file's place must not keep us waiting, and a link must not lead elsewhere. */
const openFlags = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;

/**
 * The tree in a folder of this machine: DIR as the registry's configuration names it (`rootdirectory`), or
 * already DIR/docker/registry/v2. Symbolic links below it are not followed. Throws unavailable, in words.
 */
export async function openFolderTree(folder: string): Promise<Tree> {
  const root = await findRoot(folder);
  // These two themselves may be links: to a larger disk, for instance.
  const places = new Map<string, string>();
  for (const place of ["blobs", "repositories"])
    places.set(place, await realpath(join(root, place)).catch(() => join(root, place)));
  const fileAt = (path: string) => {
    const [place = "", ...rest] = path.split("/");
    return join(places.get(place) ?? join(root, place), ...rest);
  };

  /** The file's own path. What a link in between leads to is not read: it would be somebody else's file. */
  async function ownPath(path: string): Promise<string | undefined> {
    const file = fileAt(path);
    const real = await unlessMissing(path, realpath(file));
    if (real === undefined || real === file) return real;
    throw new AppError("blob-damaged", isLink);
  }

  async function openFile(
    path: string,
  ): Promise<{ handle: FileHandle; size: number; file: string } | undefined> {
    const file = await ownPath(path);
    const handle = file === undefined ? undefined : await unlessMissing(path, open(file, openFlags));
    if (file === undefined || handle === undefined) return undefined;
    const stats = await handle.stat();
    if (stats.isFile()) return { handle, size: stats.size, file };
    await handle.close();
    throw new AppError("blob-damaged", "it is not a plain file");
  }

  return {
    files: (path, skip) => filesBelow(fileAt(path), path, skip),

    async size(path) {
      const file = await ownPath(path);
      const stats = file === undefined ? undefined : await unlessMissing(path, stat(file));
      return stats?.isFile() === true ? stats.size : undefined;
    },

    async text(path, most) {
      const opened = await openFile(path);
      if (opened === undefined) return undefined;
      const { handle, size } = opened;
      try {
        if (size > most) throw new AppError("blob-damaged", `its link has ${size} bytes, which is no digest`);
        const reading = handle.read(Buffer.alloc(most), 0, most, 0);
        const { bytesRead, buffer } = await reading.catch((error: unknown) => {
          throw unreadable(error);
        });
        return buffer.toString("utf8", 0, bytesRead);
      } finally {
        await handle.close();
      }
    },

    async open(path) {
      const opened = await openFile(path);
      return opened && blobOf(opened.handle, opened.size, opened.file);
    },
  };
}

function blobOf(handle: FileHandle, size: number, file: string): SourceBlob {
  return {
    size,
    file,
    async *read() {
      const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(readBytes, size)));
      for (let at = 0; at < size;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, at).catch((error: unknown) => {
          throw unreadable(error);
        });
        if (bytesRead === 0) throw new AppError("blob-damaged", "it became shorter while it was read");
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    },
    close: () => handle.close(),
  };
}

/** Folder by folder, each walked once, so that its files come together. @param path what the folder is called */
async function* filesBelow(
  folder: string,
  path: string,
  skip: (path: string) => boolean,
): AsyncGenerator<TreeFile, void, void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    const { code = "error" } = error as NodeJS.ErrnoException;
    // Somebody deleted it a moment ago.
    if (code === "ENOENT") return [];
    throw new AppError("unavailable", `${folder} can't be read (${code})`, { cause: error });
  });
  // What begins with "_" is the repository's own, and comes before the repositories below it.
  entries.sort((a, b) => Number(b.name.startsWith("_")) - Number(a.name.startsWith("_")));
  for (const entry of entries) {
    const below = `${path}/${entry.name}`;
    if (skip(below)) continue;
    if (entry.isDirectory()) yield* filesBelow(join(folder, entry.name), below, skip);
    else if (entry.isFile()) yield { path: below };
    else yield { path: below, odd: entry.isSymbolicLink() ? isLink : "it is not a plain file" };
  }
}

async function findRoot(folder: string): Promise<string> {
  const named = resolve(folder);
  try {
    await (await opendir(named)).close();
  } catch (error) {
    const { code = "error" } = error as NodeJS.ErrnoException;
    const why =
      { ENOENT: "there is no such folder", ENOTDIR: "it is a file", EACCES: "this user may not read it" }[
        code
      ] ?? code;
    throw new AppError("unavailable", `${named} can't be imported: ${why}`, { cause: error });
  }
  for (const beginning of beginnings) {
    const root = await realpath(join(named, beginning)).catch(refuseForbidden);
    const within =
      root === undefined ? undefined : await stat(join(root, "repositories")).catch(refuseForbidden);
    if (root !== undefined && within?.isDirectory() === true) return root;
  }
  throw new AppError("unavailable", noRegistry(named));
}

/** What this user may not see isn't missing. */
function refuseForbidden(cause: unknown): undefined {
  const { code, path = "" } = cause as NodeJS.ErrnoException;
  if (code !== "EACCES") return undefined;
  throw new AppError(
    "unavailable",
    `this user may not look into ${path}: run this as root, or as a user that may read all of the old registry`,
    { cause },
  );
}

/** Said of folders and buckets alike. */
export function noRegistry(place: string): string {
  return (
    `${place} holds no registry of CNCF Distribution: there is no docker/registry/v2/repositories in it; ` +
    `name what its configuration calls rootdirectory`
  );
}

async function unlessMissing<T>(path: string, result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "ELOOP") throw new AppError("blob-damaged", isLink);
    throw unreadable(error);
  }
}

function unreadable(error: unknown): AppError {
  const { code = "error" } = error as NodeJS.ErrnoException;
  const why = code === "EACCES" ? "this user may not read it" : `it can't be read (${code})`;
  return new AppError("blob-damaged", why, { cause: error });
}
