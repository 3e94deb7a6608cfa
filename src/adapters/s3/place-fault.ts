import { bucketFault } from "./bucket-faults.ts";
import { createBucket } from "./bucket.ts";
import type { Patience } from "./retry.ts";
import { createS3Client, type S3ClientParts } from "./s3-client.ts";

/** Somebody waits for the answer. */
const quick: Patience = { attempts: 1, pause: 100, longestPause: 100, deadline: 5_000, slowest: 512 * 1024 };

/**
 * Why every request to a bucket fails, a sentence without its name; undefined: it isn't so, or nobody can tell.
 * Asked by a list: the answer to a HEAD, which has no body, doesn't say what is wrong with the key.
 */
export async function placeFault(parts: S3ClientParts): Promise<string | undefined> {
  const client = await createS3Client(parts);
  let raw: unknown;
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        raw = error;
        throw error;
      }
    },
    { step: "initialize", priority: "high", name: "berthSeesFaults" },
  );
  try {
    const rules = { sse: "none", kmsKeyId: undefined, storageClass: undefined } as const;
    const bucket = createBucket({ client, bucket: parts.bucket, rules, patience: quick });
    for await (const _ of bucket.list("The bucket can't be listed", "")) break;
    return undefined;
  } catch (error) {
    if (raw === undefined) throw error;
    const fault = bucketFault(raw, "ListObjectsV2", { ...parts, sse: "none", storageClass: undefined });
    return fault?.kind === "whole" ? fault.message : undefined;
  } finally {
    client.destroy();
  }
}
