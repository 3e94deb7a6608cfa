import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

const enough = 64;
const deepest = 8;

/** Removes a folder that may hold millions of files: parts of it side by side, since each waits for the disk. */
export async function removeFolder(folder: string): Promise<void> {
  let parts = [folder];
  for (let depth = 0; depth < deepest && parts.length < enough; depth++) {
    const below = (await Promise.all(parts.map(foldersIn))).flat();
    if (below.length === 0) break;
    parts = below;
  }
  const options = { recursive: true, force: true, maxRetries: 5 };
  await Promise.all(parts.map((part) => rm(part, options)));
  await rm(folder, options);
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}
