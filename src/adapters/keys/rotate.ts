import type { KeptKeyPlace, StoredKey } from "./key-place.ts";

export interface RotationParts {
  place: KeptKeyPlace;
  /** A key that is older is followed by a new one, ms. */
  rotation: number;
  /** How long a key still verifies after the next one was made, ms: lifetime of tokens + 10 min. */
  overlap: number;
  /** ms since the epoch. */
  clock: () => number;
  /** Whether this process may change the keys now; the first one it makes in any case. */
  mine: () => boolean;
}

/**
 * Makes the first key, or a new one when the newest is too old, and removes those that nobody's token can
 * be signed with any more. For one process of a server; at the start, then every hour.
 * Throws storage-failed in words.
 */
export async function rotateKeys({ place, rotation, overlap, clock, mine }: RotationParts): Promise<void> {
  const now = clock();
  let keys = await place.read();
  const newest = keys.at(-1);
  if (newest === undefined) return place.add(now, undefined);
  if (!mine()) return;
  if (newest.outdated === true || now - newest.createdAt >= rotation) {
    await place.add(now, newest);
    keys = await place.read();
  }
  const ended = endedKeys(keys, now - overlap);
  if (ended.length > 0) await place.remove(ended);
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
