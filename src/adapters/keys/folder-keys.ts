/**
 * Signing keys as PEM files of one folder, `TIME-KID.pem` (ms since the epoch, RFC 7638 thumbprint), 0600.
 * Every process of a server reads them; only the keeper makes and removes them.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import { ecKeyPairFrom } from "#kit/keys.ts";
import { keyFileName, parseKeyFileName } from "./key-file-name.ts";
import type { KeptKeyPlace, StoredKey } from "./key-place.ts";
import { readPrivateFile } from "./private-file.ts";
import { syncFolder, writeFirstKey, writeKeyFile } from "./write-key-file.ts";

/** @param folder DATA/keys; made with the first key. */
export function folderKeys(folder: string): KeptKeyPlace {
  const read = () => readKeyFiles(folder);
  return {
    name: folder,
    read,
    add: (now, after) =>
      inWords(folder, async () => {
        if (after !== undefined) await writeKeyFile(folder, now);
        else if (!(await writeFirstKey(folder, now)) && (await read()).length === 0)
          await writeKeyFile(folder, now);
      }),
    remove: (keys) =>
      inWords(folder, async () => {
        for (const { createdAt, pair } of keys)
          await rm(join(folder, keyFileName(createdAt, pair.kid)), { force: true });
        await syncFolder(folder);
      }),
  };
}

/** All keys of the folder, oldest first; none when there is no folder. Throws storage-failed. */
async function readKeyFiles(folder: string): Promise<StoredKey[]> {
  const keys: StoredKey[] = [];
  for (const name of (await namesIn(folder)).sort()) {
    const parsed = parseKeyFileName(name);
    if (parsed === undefined) continue;
    const path = join(folder, name);
    const called = `the signing key ${path}`;
    const exposed = "remove it instead, and a new one is made at the start";
    const pem = await readPrivateFile({ path, called, exposed });
    // Removed by the keeper a moment ago.
    if (pem === undefined) continue;
    const pair = ecKeyPairFrom(pem);
    if (pair?.kid !== parsed.kid)
      throw new AppError(
        "storage-failed",
        `${called} is not the key that its name says, or damaged: ` +
          "take it from the backup, or remove it (who is signed in then signs in again)",
      );
    keys.push({ createdAt: parsed.createdAt, pair });
  }
  return keys;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code = "error" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    throw new AppError(
      "storage-failed",
      `the folder of signing keys ${folder} can't be read (${code}): give this user the right`,
      { cause: error },
    );
  }
}

async function inWords(folder: string, change: () => Promise<void>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const { code = "error" } = error as NodeJS.ErrnoException;
    throw new AppError(
      "storage-failed",
      `no signing key can be written to ${folder} (${code}): make it a folder that the user running Berth may write`,
      { cause: error },
    );
  }
}
