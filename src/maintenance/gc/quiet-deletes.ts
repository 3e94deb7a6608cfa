import { setTimeout as pause } from "node:timers/promises";
import type { BlobStore } from "#core/blob-store.ts";

/** Deletes with a pause after each, in proportion to how long it took: a large file keeps a disk busy for a while. */
export function quietDeletes(
  store: Pick<BlobStore, "delete">,
  share: () => number,
  signal: AbortSignal,
): Pick<BlobStore, "delete"> {
  return {
    async delete(location) {
      const began = performance.now();
      await store.delete(location);
      const percent = share();
      const ms = ((performance.now() - began) * (100 - percent)) / percent;
      if (ms >= 1) await pause(ms, undefined, { signal }).catch(() => undefined);
    },
  };
}
