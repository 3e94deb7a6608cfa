import type { UploadHandle } from "#core/blob-store.ts";
import type { Checkpoint, UploadState } from "./checkpoint.ts";

/** What this process knows of an upload's state, and under which checkpoints that was so. */
interface Known {
  state: UploadState;
  /** "unsaved": only known here, because the commit follows at once under the same claim. */
  seen: string;
}

/**
 * What this process knows of unfinished uploads, so that going on with one need not read its tail back.
 * It is only believed when the bucket's checkpoints are still those that it was learned with.
 */
export interface UploadMemory {
  /**
   * A handle that was made here and not used here yet: its first append, at 0, needs no look into the bucket.
   * Any other call does, because another process may have gone on with it.
   */
  begun(handle: UploadHandle): void;
  isFresh(handle: UploadHandle): boolean;
  used(handle: UploadHandle): void;
  recall(handle: UploadHandle, checkpoints: readonly Checkpoint[]): UploadState | undefined;
  recallUnsaved(handle: UploadHandle): UploadState | undefined;
  keep(handle: UploadHandle, state: UploadState, checkpoints: readonly Checkpoint[] | "unsaved"): void;
  forget(handle: UploadHandle): void;
}

const mostFresh = 10_000;
const mostKnown = 2_000;
/** Tails of all uploads together, bytes. */
const mostTails = 64 * 1024 * 1024;

export function createUploadMemory(): UploadMemory {
  const fresh = new Set<UploadHandle>();
  // In the order of their last use.
  const known = new Map<UploadHandle, Known>();
  let tails = 0;

  function forget(handle: UploadHandle): void {
    tails -= known.get(handle)?.state.tail.length ?? 0;
    known.delete(handle);
  }

  const namesOf = (checkpoints: readonly Checkpoint[]) =>
    checkpoints.map(({ end, etag }) => `${end} ${etag}`).join("\n");

  return {
    begun(handle) {
      fresh.add(handle);
      const [oldest] = fresh;
      if (fresh.size > mostFresh && oldest !== undefined) fresh.delete(oldest);
    },
    isFresh: (handle) => fresh.has(handle),
    used: (handle) => fresh.delete(handle),
    recall(handle, checkpoints) {
      const found = known.get(handle);
      return found?.seen === namesOf(checkpoints) ? found.state : undefined;
    },
    recallUnsaved(handle) {
      const found = known.get(handle);
      return found?.seen === "unsaved" ? found.state : undefined;
    },
    keep(handle, state, checkpoints) {
      forget(handle);
      known.set(handle, { state, seen: checkpoints === "unsaved" ? "unsaved" : namesOf(checkpoints) });
      tails += state.tail.length;
      for (const oldest of known.keys()) {
        if ((known.size <= mostKnown && tails <= mostTails) || oldest === handle) break;
        if (known.get(oldest)?.seen !== "unsaved") forget(oldest);
      }
    },
    forget,
  };
}
