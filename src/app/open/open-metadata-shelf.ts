import { stat } from "node:fs/promises";
import { join } from "node:path";
import { createDiskShelf } from "#adapters/disk/metadata-shelf.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { MetadataShelf } from "#core/metadata-shelf.ts";
import { bucketParts } from "./open-bucket.ts";

/** Where snapshots of the metadata lie: beside the blobs of the first store. Throws storage-failed, unavailable. */
export async function openMetadataShelf({ storage }: Config): Promise<MetadataShelf> {
  const { stores, disk, s3 } = storage;
  if (stores[0] !== "s3") return createDiskShelf(disk.path);
  if (s3 === undefined) throw new AppError("storage-failed", "the configuration has no section storage.s3");
  const { createS3Shelf } = await import("#adapters/s3/metadata-shelf.ts");
  return await createS3Shelf(bucketParts(s3));
}

/** Whether the folder that blobs lie in is there: what isn't mounted must not be written to. */
export async function hasBlobFolder({ storage }: Config): Promise<boolean> {
  if (storage.stores[0] === "s3") return true;
  return (await stat(join(storage.disk.path, "blobs")).catch(() => undefined))?.isDirectory() === true;
}
