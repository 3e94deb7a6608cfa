import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of all files below a folder, a file with several names once. What goes away meanwhile counts nothing. */
export async function folderSize(folder: string): Promise<number> {
  const seen = new Set<string>();
  const waiting = [folder];
  let bytes = 0;
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const entries = await opendir(at).catch(absent);
    if (entries === undefined) continue;
    for await (const entry of entries) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) {
        waiting.push(path);
        continue;
      }
      const facts = await lstat(path).catch(absent);
      if (facts === undefined) continue;
      const key = `${facts.dev}:${facts.ino}`;
      if (facts.nlink > 1 && seen.has(key)) continue;
      if (facts.nlink > 1) seen.add(key);
      bytes += facts.size;
    }
  }
  return bytes;
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
}
