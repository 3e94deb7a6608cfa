import type { BlobStore, UploadHandle } from "#core/blob-store.ts";
import { createBoundedMap } from "#kit/bounded-map.ts";

/** In which of two stores the bytes of an unfinished upload are. Handles of both look the same. */
export interface HandleHomes {
  /** A handle of the first store that has no bytes anywhere. */
  begun(handle: UploadHandle): void;
  of(handle: UploadHandle): Promise<BlobStore>;
  /** Without asking; undefined where that isn't remembered. */
  known(handle: UploadHandle): BlobStore | undefined;
  forget(handle: UploadHandle): void;
}

/** Of uploads under way. A forgotten one is asked for again. */
const remembered = 10_000;

/** An upload that began in `second` before it was the second ends there; all others are the first's. */
export function createHandleHomes(first: BlobStore, second: BlobStore): HandleHomes {
  const homes = createBoundedMap<UploadHandle, BlobStore>(remembered);

  function known(handle: UploadHandle): BlobStore | undefined {
    const home = homes.take(handle);
    if (home !== undefined) homes.set(handle, home);
    return home;
  }

  return {
    begun: (handle) => {
      homes.set(handle, first);
    },
    async of(handle) {
      const home = known(handle) ?? ((await second.uploaded(handle)) > 0 ? second : first);
      homes.set(handle, home);
      return home;
    },
    known,
    forget: (handle) => {
      homes.take(handle);
    },
  };
}
