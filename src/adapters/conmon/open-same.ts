import { type FileHandle, open } from "node:fs/promises";
import { logFiles, type LogFile } from "./log-files.ts";

/** Renames of a file that may come between its name and its opening. */
const mostTries = 5;

/** Also where rotation renames it just now. Undefined: it was thrown away. */
export async function openSame(log: string, { path, inode }: LogFile): Promise<FileHandle | undefined> {
  for (let name: string | undefined = path, tries = 0; name !== undefined && tries < mostTries; tries++) {
    const handle = await open(name).catch(() => undefined);
    if (handle !== undefined && (await handle.stat()).ino === inode) return handle;
    await handle?.close();
    name = (await logFiles(log)).find((one) => one.inode === inode)?.path;
  }
  return undefined;
}
