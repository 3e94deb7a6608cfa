import { rm } from "node:fs/promises";
import { AppError } from "#core/errors.ts";
import { readKeyFiles, type StoredKey } from "./read-key-files.ts";
import { syncFolder, writeFirstKey, writeKeyFile } from "./write-key-file.ts";

export interface RotationParts {
  /** DATA/keys. */
  folder: string;
  /** A key that is older is followed by a new one, ms. */
  rotation: number;
  /** How long a key still verifies after the next one was made, ms: lifetime of tokens + 10 min. */
  overlap: number;
  /** ms since the epoch. */
  clock: () => number;
}

/**
 * Makes the first key, or a new one when the newest is too old, and removes those that nobody's token can
 * be signed with any more. For the one process that holds the data folder; at the start, then every hour.
 * Throws storage-failed in words.
 */
export async function rotateKeys({ folder, rotation, overlap, clock }: RotationParts): Promise<void> {
  try {
    const now = clock();
    let keys = await readKeyFiles(folder);
    if (keys.length === 0) {
      if (!(await writeFirstKey(folder, now)) && (await readKeyFiles(folder)).length === 0)
        await writeKeyFile(folder, now);
      return;
    }
    if (now - (keys.at(-1)?.createdAt ?? 0) >= rotation) {
      await writeKeyFile(folder, now);
      keys = await readKeyFiles(folder);
    }
    const ended = endedKeys(keys, now - overlap);
    for (const { path } of ended) await rm(path, { force: true });
    if (ended.length > 0) await syncFolder(folder);
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

/** Those whose successor was made before `before` (ms). */
function endedKeys(keys: readonly StoredKey[], before: number): StoredKey[] {
  return keys.filter((_, at) => (keys[at + 1]?.createdAt ?? Infinity) < before);
}

/** Looks every hour (or oftener, when keys live shorter) whether a new key is due. A failure is told and tried again. */
export function scheduleRotation(parts: RotationParts, warn: (message: string) => void): AsyncDisposable {
  const every = Math.min(3_600_000, Math.max(1_000, Math.floor(parts.rotation / 4)));
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(() => rotateKeys(parts))
      .catch((error: unknown) => warn(error instanceof Error ? error.message : String(error)));
  }, every);
  timer.unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running;
    },
  };
}
