import { AppError } from "#core/errors.ts";
import type { BlobFacts } from "#core/metadata/repositories.ts";
import type { ScrubParts } from "./scrub-parts.ts";

/** Whether blobs are missing, or the whole store is: a disk that isn't mounted must not make all of them damaged. */
export interface StoreIsThere {
  /** This blob was just found sound. */
  saw(blob: BlobFacts): void;
  /**
   * Whether one that was found wrong may be dealt with now; else `later` runs as soon as another was found sound, or
   * at the end. Throws unavailable when what was there a moment ago is gone, too.
   */
  isProved(blob: BlobFacts, later: () => Promise<void>): Promise<boolean>;
  end(): Promise<void>;
}

/** Held back at most. */
const mostHeld = 1_000;

export function createStoreIsThere({
  repositories,
  store,
}: Pick<ScrubParts, "repositories" | "store">): StoreIsThere {
  let sound: BlobFacts | undefined;
  let anySound = false;
  let anyBytes = false;
  let held: (() => Promise<void>)[] = [];

  const gone = () =>
    new AppError(
      "unavailable",
      "not one blob is there: is this the right place, and is its disk mounted? Nothing was marked as damaged",
    );

  async function release(): Promise<void> {
    const run = held;
    held = [];
    for (const each of run) await each();
  }

  return {
    saw(blob) {
      sound = blob;
      anySound = true;
    },

    async isProved(blob, later) {
      anyBytes ||= (await store.stat(blob.location)) !== undefined;
      if (sound !== undefined) {
        const { digest, location } = sound;
        const known = (await repositories.recordedBlob(digest))?.location === location;
        if (known && (await store.stat(location)) === undefined) {
          // Removed in this very moment, or all is gone.
          if ((await repositories.recordedBlob(digest))?.location === location) throw gone();
        }
        if (!known) sound = undefined;
      }
      if (anySound) {
        await release();
        return true;
      }
      if (held.length >= mostHeld) throw gone();
      held.push(later);
      return false;
    },

    async end() {
      if (held.length > 1 && !anySound && !anyBytes) throw gone();
      await release();
    },
  };
}
