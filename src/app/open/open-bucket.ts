import type { S3StoreParts } from "#adapters/s3/s3-store.ts";
import type { S3StorageConfig } from "#config/config.ts";
import type { BlobStore } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";

/** ms to find out what is wrong with a bucket. */
const patience = 12_000;

/** The store in a bucket. Throws unavailable with all that is wrong with the bucket, in check-config's words. */
export async function openBucket(s3: S3StorageConfig): Promise<BlobStore> {
  // The SDK takes a while to load, and most servers have no use for it.
  const { createS3Store } = await import("#adapters/s3/s3-store.ts");
  const parts = bucketParts(s3);
  try {
    return await createS3Store(parts);
  } catch (error) {
    // That is the first thing that was found.
    const found = await bucketFaults(s3);
    if (found.length === 0) throw error;
    throw new AppError("unavailable", `bucket ${parts.bucket}: ${found.join("; ")}`, { cause: error });
  }
}

/** All that is wrong with a bucket, a sentence each; none: it can be used. */
export async function bucketFaults(s3: S3StorageConfig): Promise<string[]> {
  const { checkBucket } = await import("#adapters/s3/check-bucket.ts");
  const signal = AbortSignal.timeout(patience);
  const parts = bucketParts(s3);
  const found = await checkBucket(parts, signal);
  const told = found.length === 0 || found.some((message) => message.includes("key service"));
  if (s3.sse === "none" || told || signal.aborted) return found;
  // Servers refuse an encryption that they don't have in many ways: it is that when all goes well without it.
  const without = await checkBucket({ ...parts, sse: "none", kmsKeyId: undefined }, signal);
  if (without.length > 0) return found;
  const remedy =
    s3.sse === "kms"
      ? "give it a key service (KMS), check storage.s3.sse_kms_key_id, or set storage.s3.sse: s3 or none"
      : "set storage.s3.sse: none";
  return [
    `the server doesn't encrypt as storage.s3.sse: ${s3.sse} asks for (${found.join("; ")}): ${remedy}`,
  ];
}

/** The section `storage.s3` as the store takes it. */
export function bucketParts(s3: S3StorageConfig): S3StoreParts {
  const { access_key_id_file: id, secret_access_key_file: secret } = s3;
  return {
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
  };
}
