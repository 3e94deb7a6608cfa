import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { ownsOnDisk } from "#adapters/disk/layout.ts";
import { ownsInS3 } from "#adapters/s3/layout.ts";
import { createTwoStores } from "#adapters/two-stores/two-stores.ts";
import type { BlobStore, Location } from "#core/blob-store.ts";
import type { Config, StoreKind } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import { type KnownFolder, openKnownFolder } from "./blob-folder.ts";
import { unmakeable } from "./makeable.ts";
import { openBucket } from "./open-bucket.ts";

/** Whether a location is one of this kind of store. */
export const owns: Readonly<Record<StoreKind, (location: Location) => boolean>> = {
  disk: ownsOnDisk,
  s3: ownsInS3,
};

const other = (kind: StoreKind): StoreKind => (kind === "disk" ? "s3" : "disk");

/**
 * The blob store that the config names: a bucket, a folder, or both while blobs are moved between them.
 * @param folder what metadata knows of the folder of blobs; undefined: this one is taken as it is
 */
export async function openStore(config: Config, folder: KnownFolder | undefined): Promise<BlobStore> {
  const [first = "disk", second] = config.storage.stores;
  const [store, old] = await Promise.all([
    openStoreOf(config, first, folder),
    second === undefined ? undefined : openStoreOf(config, second, folder),
  ]);
  const name = second ?? other(first);
  return createTwoStores({ name: first, owns: owns[first], store }, { name, owns: owns[name], store: old });
}

/** One store alone. Throws storage-failed where the config doesn't describe it. */
export async function openStoreOf(
  { storage }: Config,
  kind: StoreKind,
  folder: KnownFolder | undefined,
): Promise<BlobStore> {
  const { disk, s3 } = storage;
  if (kind === "disk") {
    const never = await unmakeable(disk.path);
    if (never !== undefined)
      throw new AppError(
        "storage-failed",
        `Blobs can't be stored in ${disk.path}: ${never}. Name another folder as storage.disk.path.`,
      );
    const open = () =>
      createDiskStore({
        path: disk.path,
        directWrites: disk.direct_writes,
        groupReads: disk.x_accel_redirect !== undefined,
      });
    return folder === undefined ? open() : openKnownFolder(disk.path, folder, open);
  }
  if (s3 === undefined) throw new AppError("storage-failed", "the configuration has no section storage.s3");
  return openBucket(s3);
}
