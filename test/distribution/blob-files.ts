import assert from "node:assert/strict";
import { readdir, readlink } from "node:fs/promises";
import { join } from "node:path";

/** The file that holds a blob's bytes, found by its name (the digest's hex). */
export async function blobFile(data: string, digest: string): Promise<string> {
  const files = await blobFiles(data, digest);
  assert.equal(files.length, 1, `${files.length} files hold ${digest}`);
  return files[0] ?? "";
}

export async function blobFiles(data: string, digest: string): Promise<string[]> {
  const hex = digest.slice(digest.indexOf(":") + 1);
  const entries = await readdir(data, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.startsWith(hex))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** How many descriptors of this process are open on a file, also when it was unlinked. */
export async function openDescriptors(file: string): Promise<number> {
  let open = 0;
  for (const fd of await readdir("/proc/self/fd")) {
    const target = await readlink(`/proc/self/fd/${fd}`).catch(() => "");
    if (target === file || target === `${file} (deleted)`) open++;
  }
  return open;
}
