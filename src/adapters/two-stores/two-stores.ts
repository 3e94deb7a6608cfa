/**
 * Two blob stores as one, while blobs are moved from one to the other (core/blob-store.ts): new blobs go to the
 * first, and a location says in which of the two its bytes lie. Owns nothing and writes nothing itself.
 * Flow: begin (first) → append, commit (where the upload's bytes are) → open, stat, link, delete (by location).
 */
import type { BlobStore, Location } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { createHandleHomes } from "./handle-homes.ts";

export interface StorePart {
  /** As the configuration calls it. */
  name: string;
  owns(location: Location): boolean;
  /** Undefined: its blobs can't be reached from here. */
  store: BlobStore | undefined;
}

/**
 * @param first takes what is new, and answers for locations that are nobody's
 * @param second is read for what still lies there; without a store, what lies there is a fault of the
 * configuration, never damage: nobody shall take such a blob for lost
 */
export function createTwoStores(first: StorePart & { store: BlobStore }, second: StorePart): BlobStore {
  const { store: fresh } = first;
  const { store: old, name } = second;

  function at(location: Location): BlobStore {
    if (!second.owns(location)) return fresh;
    if (old !== undefined) return old;
    throw new AppError(
      "storage-failed",
      `This blob lies in the ${name} store, which this server wasn't told to read. Its operator has to.`,
      {
        cause: new Error(
          `${location}: name ${name} second in storage.stores, as in [${first.name}, ${name}]`,
        ),
      },
    );
  }
  if (old === undefined)
    return {
      ...fresh,
      open: async (location) => at(location).open(location),
      stat: async (location) => at(location).stat(location),
      link: async (location, request) => at(location).link(location, request),
      delete: async (location) => at(location).delete(location),
    };

  const homes = createHandleHomes(fresh, old);
  return {
    begin() {
      const handle = fresh.begin();
      homes.begun(handle);
      return handle;
    },
    uploaded: async (handle) => (await homes.of(handle)).uploaded(handle),
    append: async (handle, offset, body, use) => (await homes.of(handle)).append(handle, offset, body, use),
    // Where it isn't known any more, the blob is read once when it is whole.
    reread: (handle, size) => homes.known(handle)?.reread(handle, size),
    commit: async (handle, digest, size) => {
      const location = await (await homes.of(handle)).commit(handle, digest, size);
      homes.forget(handle);
      return location;
    },
    put: (digest, bytes) => fresh.put(digest, bytes),
    async abort(handle) {
      homes.forget(handle);
      await Promise.all([fresh.abort(handle), old.abort(handle)]);
    },
    open: async (location) => at(location).open(location),
    stat: async (location) => at(location).stat(location),
    link: async (location, request) => at(location).link(location, request),
    delete: async (location) => at(location).delete(location),
    list: (known) => both(fresh.list(known), old.list(known)),
    staleUploads: (before) => both(fresh.staleUploads(before), old.staleUploads(before)),
    check: () => fresh.check(),
  };
}

async function* both<T>(first: AsyncIterable<T>, second: AsyncIterable<T>): AsyncGenerator<T, void, void> {
  yield* first;
  yield* second;
}
