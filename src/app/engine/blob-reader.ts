import { createDiskReader } from "#adapters/disk/disk-reader.ts";
import type { Config } from "#config/config.ts";
import type { BlobStore, Location } from "#core/blob-store.ts";
import { owns, openStoreOf } from "../open/open-store.ts";

/** The registry's blobs for the engine, which never writes there: the folder may be another user's. */
export function createBlobReader(config: Config): Pick<BlobStore, "open" | "stat"> {
  const disk = createDiskReader(config.storage.disk.path);
  let opening: Promise<BlobStore> | undefined;
  const storeOf = (location: Location): Promise<Pick<BlobStore, "open" | "stat">> => {
    if (!owns.s3(location)) return Promise.resolve(disk);
    opening ??= openStoreOf(config, "s3", undefined).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    open: async (location) => (await storeOf(location)).open(location),
    stat: async (location) => (await storeOf(location)).stat(location),
  };
}
