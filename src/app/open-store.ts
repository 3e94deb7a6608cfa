import { createDiskStore } from "#adapters/disk/disk-store.ts";
import type { BlobStore } from "#core/blob-store.ts";
import type { Config, S3StorageConfig } from "#config/config.ts";

/** The blob store that the config names: a bucket where there is a section of it, else a folder. */
export async function openStore({ storage: { disk, s3 } }: Config): Promise<BlobStore> {
  if (s3 !== undefined) return openBucket(s3);
  return createDiskStore({
    path: disk.path,
    directWrites: disk.direct_writes,
    groupReads: disk.x_accel_redirect !== undefined,
  });
}

async function openBucket(s3: S3StorageConfig): Promise<BlobStore> {
  // The SDK takes a while to load, and most servers have no use for it.
  const { createS3Store } = await import("#adapters/s3/s3-store.ts");
  const { access_key_id_file: id, secret_access_key_file: secret } = s3;
  return createS3Store({
    bucket: s3.bucket,
    region: s3.region,
    endpoint: s3.endpoint,
    forcePathStyle: s3.force_path_style,
    keyFiles: id === undefined || secret === undefined ? undefined : { id, secret },
    checksums: s3.checksums,
    sse: s3.sse,
    kmsKeyId: s3.sse_kms_key_id,
    storageClass: s3.storage_class,
    prefix: s3.prefix,
    partSize: s3.part_size,
    partsInFlight: s3.parts_in_flight,
    marker: s3.digest_marker,
    links: s3.redirect.enabled ? { base: s3.redirect.base_url } : undefined,
  });
}
