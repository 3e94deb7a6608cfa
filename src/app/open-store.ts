import { createDiskStore } from "#adapters/disk/disk-store.ts";
import type { BlobStore } from "#core/blob-store.ts";
import type { Config } from "#config/config.ts";

/** The blob store that the config names. */
export function openStore({ storage: { disk } }: Config): Promise<BlobStore> {
  return createDiskStore({
    path: disk.path,
    directWrites: disk.direct_writes,
    groupReads: disk.x_accel_redirect !== undefined,
  });
}
