import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import { ecKeyPairFrom, type EcKeyPair } from "#kit/keys.ts";
import { parseKeyFileName } from "./key-file-name.ts";

export interface StoredKey {
  readonly path: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly pair: EcKeyPair;
}

/** All keys of the folder, oldest first; none when there is no folder. Throws storage-failed. */
export async function readKeyFiles(folder: string): Promise<StoredKey[]> {
  const keys: StoredKey[] = [];
  for (const name of (await namesIn(folder)).sort()) {
    const parsed = parseKeyFileName(name);
    if (parsed === undefined) continue;
    const path = join(folder, name);
    const pem = await readPrivate(path);
    // Removed by the keeper a moment ago.
    if (pem === undefined) continue;
    const pair = ecKeyPairFrom(pem);
    if (pair?.kid !== parsed.kid)
      throw failed(
        `the signing key ${path} is not the key that its name says, or damaged: ` +
          "take it from the backup, or remove it (who is signed in then signs in again)",
      );
    keys.push({ path, createdAt: parsed.createdAt, pair });
  }
  return keys;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw failed(
      `the folder of signing keys ${folder} can't be read (${codeOf(error)}): give this user the right`,
      error,
    );
  }
}

/** Checked on the open file: the name can't be given to another file in between. */
async function readPrivate(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, "r");
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0)
      throw failed(
        `the signing key ${path} is open to other users of this machine (mode ${(mode & 0o777).toString(8)}). ` +
          `Run chmod 600 ${path}; if somebody may have read it, remove it instead, and a new one is made at the start`,
      );
    return await file.readFile("utf8");
  } catch (error) {
    if (error instanceof AppError) throw error;
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw failed(`the signing key ${path} can't be read (${codeOf(error)}): give this user the right`, error);
  }
}

function failed(message: string, cause?: unknown): AppError {
  return new AppError("storage-failed", message, { cause });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "error";
}
