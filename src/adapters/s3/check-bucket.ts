import { AppError } from "#core/errors.ts";
import { createBucket } from "./bucket.ts";
import { bucketFault, missingRights } from "./bucket-faults.ts";
import { createLayout } from "./layout.ts";
import { trials } from "./probe.ts";
import type { Patience } from "./retry.ts";
import { createS3Client } from "./s3-client.ts";
import type { S3StoreParts } from "./s3-store.ts";

/** Somebody waits for the answer: a bucket that works answers at once. */
const quick: Patience = { attempts: 2, pause: 100, longestPause: 500, deadline: 4_000, slowest: 512 * 1024 };

/**
 * Tries every kind of request that Berth makes and says all that is wrong, a sentence each, without the bucket's
 * name; none: the bucket can be used. Leaves nothing behind where the rights suffice for that. Never throws for
 * what is wrong with the bucket, the way to it or the credentials.
 * @param signal ends it early; what was found until then is told
 */
export async function checkBucket(parts: S3StoreParts, signal?: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  const missing = new Set<string>();
  const tried = new Set<string>();
  let last: unknown;
  try {
    const client = await createS3Client(parts);
    // The faults that requests end with are words for clients: here those of S3 itself are wanted.
    client.middlewareStack.add(
      (next) => async (args) => {
        try {
          return await next(args);
        } catch (error) {
          last = error;
          throw error;
        }
      },
      { step: "initialize", priority: "high", name: "berthSeesFaults" },
    );
    try {
      const bucket = createBucket({ client, bucket: parts.bucket, rules: parts, patience: quick });
      const all = trials(bucket, createLayout(parts.prefix), parts.marker === "tag");
      for await (const { command, error } of all) {
        tried.add(command);
        if (error !== undefined) {
          const fault = bucketFault(last ?? error, command, parts);
          last = undefined;
          if (fault?.kind === "right") missing.add(fault.right);
          else if (fault !== undefined && !found.includes(fault.message)) found.push(fault.message);
          if (fault?.kind === "whole") break;
        }
        if (signal?.aborted === true) {
          found.push("its answers take too long: not everything could be tried");
          break;
        }
      }
    } finally {
      client.destroy();
    }
  } catch (error) {
    // A key file that can't be read.
    if (!(error instanceof AppError)) throw error;
    found.push(error.message);
  }
  // Creating and filling a multipart upload takes the right of a simple write.
  const rights = tried.size - Number(tried.has("CreateMultipartUpload")) - Number(tried.has("UploadPart"));
  if (missing.size > 0) found.push(missingRights(missing, rights, parts, parts.prefix));
  return found;
}
