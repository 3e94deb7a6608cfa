import { chmod, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, statFile } from "#kit/file-calls.ts";

/**
 * Blobs that a proxy in front sends itself (nginx' X-Accel-Redirect): its group may read them. Folders of
 * blobs are then 0750 and blobs 0640, whatever they were when they were made. Unfinished uploads stay private.
 */
const folderMode = 0o750;
const fileMode = 0o640;
const search = 0o010;

/** Opens the folder of blobs and those below it; the store's own folder can be passed through, but not listed. */
export async function letGroupReadFolders(path: string, blobs: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & search) === 0) await chmod(path, (mode & 0o777) | search);
  await letGroupReadFolder(blobs);
  for (const algorithm of await readdir(blobs, { withFileTypes: true })) {
    if (!algorithm.isDirectory()) continue;
    const folder = join(blobs, algorithm.name);
    await letGroupReadFolder(folder);
    for (const shard of await readdir(folder, { withFileTypes: true }))
      if (shard.isDirectory()) await letGroupReadFolder(join(folder, shard.name));
  }
}

/** After mkdir, too: the process's umask may have taken the group's rights away. */
export async function letGroupReadFolder(path: string): Promise<void> {
  if (((await stat(path)).mode & 0o777) !== folderMode) await chmod(path, folderMode);
}

/** Done when a blob is handed over, not when it is stored: so it reaches those from before, and costs pushes nothing. */
export async function letGroupReadFile(path: string): Promise<void> {
  const mode = (await statFile(path))?.mode;
  if (mode === undefined || (mode & 0o777) === fileMode) return;
  try {
    await chmod(path, fileMode);
  } catch (error) {
    // Deleted just now: then there is nothing to read, which the proxy says.
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}
