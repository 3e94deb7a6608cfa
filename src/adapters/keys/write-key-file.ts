import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { newEcKeyPair, pemOf } from "#kit/keys.ts";
import { keyFileName } from "./key-file-name.ts";

/** Makes a new key, whole and durable before its name is there. @param now ms, its time of making. */
export async function writeKeyFile(folder: string, now: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const pair = await newEcKeyPair();
  const draft = join(folder, `.new-${randomBytes(6).toString("hex")}`);
  try {
    await writeDurable(draft, pemOf(pair));
    await rename(draft, join(folder, keyFileName(now, pair.kid)));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/**
 * The first key, together with its folder: the folder is made beside and moved into its place, which only
 * one of several processes can do. False: the place was taken, or is not one to be moved to (a mount).
 */
export async function writeFirstKey(folder: string, now: number): Promise<boolean> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  const draft = await mkdtemp(`${folder}.new-`);
  try {
    await writeKeyFile(draft, now);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOTEMPTY", "EEXIST", "EBUSY", "EXDEV"].includes(code)) return false;
    throw error;
  }
  await syncFolder(dirname(folder));
  return true;
}

async function writeDurable(path: string, text: string): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  await file.writeFile(text);
  await file.sync();
}

export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}
