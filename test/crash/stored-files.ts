import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** A file below a data folder that is neither the database's nor kept for a full disk or a lost database. */
export interface StoredFile {
  path: string;
  size: number;
}

const own = /\.(db|sqlite3?)(-wal|-shm|-journal)?$|^reserve$|^metadata-.*\.gz$/;

/** All files below `folder` of at least `least` bytes, the server's own left out. One that vanishes meanwhile is left out. */
export async function storedFiles(folder: string, least = 1): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile() || own.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const size = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (size >= least) files.push({ path, size });
  }
  return files;
}

/** Those of `files` that hold something other than the whole of one of the contents with these sha256 digests. */
export async function strayFiles(files: StoredFile[], known: Iterable<string>): Promise<StoredFile[]> {
  const digests = new Set(known);
  const strays: StoredFile[] = [];
  for (const file of files) {
    const hash = createHash("sha256");
    try {
      for await (const chunk of createReadStream(file.path)) hash.update(chunk as Buffer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
      throw error;
    }
    if (!digests.has(`sha256:${hash.digest("hex")}`)) strays.push(file);
  }
  return strays;
}
