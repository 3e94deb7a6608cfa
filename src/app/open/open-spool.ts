import { join } from "node:path";
import { createDiskSpool } from "#adapters/disk/disk-spool.ts";
import { createLocalSpool } from "#adapters/local-spool/local-spool.ts";
import type { Config } from "#config/config.ts";
import type { BlobStore } from "#core/blob-store.ts";
import type { Spool } from "#core/spool.ts";

/**
 * Where blobs lie while they are fetched: beside those of a store on this machine's disk, else in the data folder
 * until they are sent to it. @param store as openStore opened it
 */
export async function openSpool({ data, storage }: Config, store: BlobStore): Promise<Spool> {
  const [first = "disk"] = storage.stores;
  if (first === "disk")
    return createDiskSpool({
      path: storage.disk.path,
      groupReads: storage.disk.x_accel_redirect !== undefined,
    });
  return createLocalSpool({ path: join(data, "fetching"), store });
}
