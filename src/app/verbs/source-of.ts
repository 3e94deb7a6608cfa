/** A registry that is to be taken over, where it lies: a folder of this machine, or s3://BUCKET/PREFIX. */
import { createDistributionSource } from "#adapters/distribution-tree/distribution-source.ts";
import { openFolderTree } from "#adapters/distribution-tree/folder-tree.ts";
import { AppError } from "#core/errors.ts";
import type { RegistrySource } from "#core/registry-source.ts";
import type { Digest } from "#oci/digest.ts";
import { inFlags } from "./bucket-flag-words.ts";

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
    // Only its messages tell of the "digest".
    open: async (key: string) => {
      const place = { key, digest: key as Digest };
      const blob = await openBlob(bucket, place, patience).catch(rethrown);
      return { ...blob, read: (start: number, end: number) => inWords(blob.read(start, end)) };
    },
  };
  const tree = await openBucketTree(reads, prefix);
  return { ...createDistributionSource(tree), [Symbol.dispose]: () => client.destroy() };
}

/** Faults of a bucket speak of the registry's own one, and to a log: here somebody wants to know what to type. */
function inFlagWords(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code === "blob-damaged") return error;
  const { cause } = error;
  const message = cause instanceof Error && cause.name === "S3Failure" ? cause.message : error.message;
  return new AppError("unavailable", inFlags(message), { cause });
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
