import { AppError } from "#core/errors.ts";
import type { Bucket } from "./bucket.ts";
import type { Layout } from "./layout.ts";
import { S3Failure } from "./s3-error.ts";

const what = "The bucket can't be used";

/** A small write and its removal: whether the bucket takes writes now. Throws unavailable, with what to do. */
export async function probeWrites(bucket: Bucket, layout: Layout): Promise<void> {
  await inWords(async () => {
    const key = layout.checkKey();
    await bucket.put(what, key, new Uint8Array(), "passing");
    await bucket.remove(what, key);
  });
}

/**
 * Every kind of request once, so that a missing right is found at the start and not by the first push. Leaves
 * nothing behind. Throws unavailable, which says what to grant or correct.
 */
export async function probeRights(bucket: Bucket, layout: Layout, tags: boolean): Promise<void> {
  await inWords(async () => {
    const key = layout.checkKey();
    await bucket.put(what, key, new Uint8Array(1), "passing");
    try {
      if (tags) await bucket.tag(what, key, probeDigest);
      const found = await bucket.head(what, key);
      const body = found && (await bucket.get(what, key, { start: 0, end: 0, etag: found.etag }));
      body?.destroy();
      for await (const _object of bucket.list(what, key)) break;
      const uploadId = await bucket.beginParts(what, key);
      await bucket.lastPart(what, key, uploadId);
      for await (const _upload of bucket.listUploads(what, key)) break;
      await bucket.abort(what, key, uploadId);
    } finally {
      await bucket.remove(what, key);
    }
  });
}

const probeDigest = `sha256:${"0".repeat(64)}` as Parameters<Bucket["tag"]>[2];

/** What is asked for at the start or by an operator's probe may say in full what is wrong. */
async function inWords(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError && error.cause instanceof S3Failure)) throw error;
    throw new AppError("unavailable", `${what}: ${error.cause.message}`, { cause: error.cause });
  }
}
