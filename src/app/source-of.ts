/** A registry that is to be taken over, where it lies: a folder of this machine, or s3://BUCKET/PREFIX. */
import { createDistributionSource } from "#adapters/distribution-tree/distribution-source.ts";
import { openFolderTree } from "#adapters/distribution-tree/folder-tree.ts";
import { AppError } from "#core/errors.ts";
import type { RegistrySource } from "#core/registry-source.ts";
import type { Digest } from "#oci/digest.ts";

/** How to get at a bucket; undefined: as the SDK finds out by itself. */
export interface BucketAccess {
  endpoint: string | undefined;
  region: string | undefined;
  keyFiles: { id: string; secret: string } | undefined;
}

const scheme = "s3://";

/** @param place absolute where it is a folder. Throws unavailable, in words that name it. */
export async function openDistribution(
  place: string,
  access: BucketAccess,
): Promise<RegistrySource & Disposable> {
  if (!place.startsWith(scheme))
    return { ...createDistributionSource(await openFolderTree(place)), [Symbol.dispose]: () => undefined };
  const [, bucket = "", prefix = ""] = /^s3:\/\/([^/]*)\/*(.*)$/.exec(place) ?? [];
  if (bucket === "") throw new AppError("unavailable", `${place} names no bucket: write s3://BUCKET/PREFIX`);
  try {
    return await openBucket(place, bucket, prefix, access);
  } catch (error) {
    throw inFlagWords(error);
  }
}

async function openBucket(place: string, name: string, prefix: string, access: BucketAccess) {
  // The SDK takes a while to load, and folders have no use for it.
  const { createS3Client } = await import("#adapters/s3/s3-client.ts");
  const { createBucket } = await import("#adapters/s3/bucket.ts");
  const { openBlob } = await import("#adapters/s3/open-blob.ts");
  const { patience } = await import("#adapters/s3/retry.ts");
  const { openBucketTree } = await import("#adapters/distribution-tree/bucket-tree.ts");
  const client = await createS3Client({
    ...access,
    bucket: name,
    // Most servers besides AWS know buckets by path alone, and the others know it as well.
    forcePathStyle: access.endpoint !== undefined,
    checksums: "when_required",
  });
  const rules = { sse: "none", kmsKeyId: undefined, storageClass: undefined } as const;
  const bucket = createBucket({ client, bucket: name, rules, patience });
  const reads = {
    name: place,
    list: (keys: string) => inWords(bucket.list(`${place} can't be listed`, keys)),
    // A handle and a digest of our own store: only its messages tell of them.
    open: async (key: string) => {
      const place = { key, digest: key as Digest, handle: "" as never };
      const blob = await openBlob(bucket, place, patience).catch(rethrown);
      return { ...blob, read: (start: number, end: number) => inWords(blob.read(start, end)) };
    },
  };
  const tree = await openBucketTree(reads, prefix);
  return { ...createDistributionSource(tree), [Symbol.dispose]: () => client.destroy() };
}

const flags: Readonly<Record<string, string>> = {
  "storage.s3.bucket": "the bucket's name",
  "storage.s3.region": "--region",
  "storage.s3.endpoint": "--endpoint",
  "storage.s3.access_key_id_file": "--access-key-id-file",
  "storage.s3.secret_access_key_file": "--secret-access-key-file",
  secret_access_key_file: "--secret-access-key-file",
};

/** Faults of a bucket speak of the registry's own one, and to a log: here somebody wants to know what to type. */
function inFlagWords(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code === "blob-damaged") return error;
  const { cause } = error;
  let message = cause instanceof Error && cause.name === "S3Failure" ? cause.message : error.message;
  for (const [key, flag] of Object.entries(flags)) message = message.replaceAll(key, flag);
  return new AppError("unavailable", message, { cause });
}

function rethrown(error: unknown): never {
  throw inFlagWords(error);
}

async function* inWords<T>(items: AsyncIterable<T>): AsyncGenerator<T, void, void> {
  try {
    yield* items;
  } catch (error) {
    throw inFlagWords(error);
  }
}
