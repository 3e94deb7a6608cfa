import { existsSync } from "node:fs";
import { chmod, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Files that belong to a database by their names. */
const beside = ["-wal", "-shm", "-journal"];

/** Whether a database is there; a file without a byte is none. */
export async function hasDatabase(path: string): Promise<boolean> {
  return ((await stat(path).catch(() => undefined))?.size ?? 0) > 0 || existsSync(`${path}-wal`);
}

/** Gives a database that nobody has open another name, with all that belongs to it. */
export async function setAside(path: string, to: string): Promise<void> {
  // The database first: what is left beside a missing one can't be taken for that of the next.
  for (const ending of ["", ...beside])
    if (existsSync(path + ending)) await rename(path + ending, to + ending);
  await syncFolder(dirname(path));
}

/** Makes a closed database that nobody has open the one at `path`, durable. What was there is gone. */
export async function install(file: string, path: string): Promise<void> {
  if (existsSync(`${file}-wal`)) throw new Error(`${file} is still open somewhere`);
  await chmod(file, 0o600);
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  // A log left by another database would be taken for this one's.
  for (const ending of beside) await rm(path + ending, { force: true });
  await rename(file, path);
  await syncFolder(dirname(path));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
