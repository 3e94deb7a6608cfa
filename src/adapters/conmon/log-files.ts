import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

export interface LogFile {
  path: string;
  /** Tells it from another of the same name, for rotation renames them. */
  inode: number;
  size: number;
}

/** Looks that rotation may spoil one after the other. */
const mostLooks = 10;

/** The log's files, oldest first: `log.2`, `log.1`, `log`. As they are at one moment, not in the middle of rotation. */
export async function logFiles(log: string): Promise<LogFile[]> {
  let files = await look(log);
  for (let looks = 1; looks < mostLooks; looks++) {
    const again = await look(log);
    if (again.length === files.length && again.every(({ inode }, at) => inode === files[at]?.inode))
      return again;
    files = again;
  }
  return files;
}

async function look(log: string): Promise<LogFile[]> {
  const name = basename(log);
  const numbers = (await readdir(dirname(log)).catch(() => []))
    .flatMap((entry) => (entry.startsWith(`${name}.`) ? entry.slice(name.length + 1) : []))
    .filter((rest) => /^[1-9]\d{0,5}$/.test(rest))
    .map(Number)
    .sort((a, b) => b - a);
  const paths = [...numbers.map((number) => join(dirname(log), `${name}.${number}`)), log];
  const files: LogFile[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    // Renamed between two looks: seen once.
    if (found === undefined || files.some(({ inode }) => inode === found.ino)) continue;
    files.push({ path, inode: found.ino, size: found.size });
  }
  return files;
}
