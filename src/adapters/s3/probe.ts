import { AppError } from "#core/errors.ts";
import type { Bucket, Part } from "./bucket.ts";
import type { Layout } from "./layout.ts";
import { S3Failure } from "./s3-error.ts";

const what = "The bucket can't be used";

/** One kind of request that was tried. */
export interface Trial {
  /** The SDK's command without its ending. */
  command: string;
  /** Undefined: it went well. */
  error: unknown;
}

/** A small write and its removal: whether the bucket takes writes now. Throws unavailable, with what to do. */
export async function probeWrites(bucket: Bucket, layout: Layout): Promise<void> {
  try {
    const key = layout.checkKey();
    await bucket.put(what, key, new Uint8Array(), "passing");
    await bucket.remove(what, key);
  } catch (error) {
    throw inWords(error);
  }
}

/**
 * Every kind of request once, so that a missing right is found at the start and not by the first push. Leaves
 * nothing behind. Throws unavailable for the first that fails, with what to grant or correct; check-bucket.ts
 * finds all.
 */
export async function probeRights(bucket: Bucket, layout: Layout, tags: boolean): Promise<void> {
  for await (const { error } of trials(bucket, layout, tags)) if (error !== undefined) throw inWords(error);
}

/**
 * Tries each kind of request that needs a right of its own, also when others failed: what isn't there is
 * answered with 404 to who has the right, and with 403 to who hasn't. Who stops listening early stops it. Where
 * the rights suffice for it, nothing is left behind.
 */
export async function* trials(
  bucket: Bucket,
  layout: Layout,
  tags: boolean,
): AsyncGenerator<Trial, void, void> {
  const key = layout.checkKey();
  let stored: string | undefined;
  let upload: string | undefined;
  let part: Part | undefined;

  async function attempt(command: string, request: () => Promise<unknown>): Promise<Trial> {
    try {
      await request();
      return { command, error: undefined };
    } catch (error) {
      return { command, error };
    }
  }

  try {
    yield await attempt("PutObject", async () => {
      stored = await bucket.put(what, key, new Uint8Array(1), "passing");
    });
    const listed = await attempt("ListObjectsV2", async () => {
      for await (const _object of bucket.list(what, key)) break;
    });
    yield listed;
    yield await attempt("ListMultipartUploads", async () => {
      for await (const _upload of bucket.listUploads(what, key)) break;
    });
    // Who may not list is told 403 for what isn't there: then that says nothing.
    if (stored !== undefined || listed.error === undefined) {
      yield await attempt("GetObject", async () => {
        const etag = stored === undefined ? undefined : { start: 0, end: 0, etag: stored };
        (await bucket.get(what, key, etag))?.destroy();
      });
      if (tags) yield await attempt("PutObjectTagging", () => bucket.tag(what, key, probeDigest));
    }
    if (stored !== undefined) {
      const begun = await attempt("CreateMultipartUpload", async () => {
        upload = await bucket.beginParts(what, key);
      });
      yield begun;
      if (upload !== undefined) {
        const id: string = upload;
        yield await attempt("UploadPart", async () => {
          part = await bucket.putPart(what, key, id, 1, new Uint8Array(1));
        });
      }
    }
    const id = upload ?? madeUpUpload;
    yield await attempt("ListParts", () => bucket.lastPart(what, key, id));
    const aborted = await attempt("AbortMultipartUpload", () => bucket.abort(what, key, id));
    if (aborted.error === undefined) upload = undefined;
    yield aborted;
    const removed = await attempt("DeleteObject", () => bucket.remove(what, key));
    if (removed.error === undefined) stored = undefined;
    yield removed;
  } finally {
    // What can't be aborted can still be completed, and removed.
    if (upload !== undefined) await bucket.abort(what, key, upload).catch(() => finish(upload ?? ""));
    if (stored !== undefined) await bucket.remove(what, key).catch(() => undefined);
  }

  async function finish(id: string): Promise<void> {
    if (part === undefined) return;
    await bucket.complete(what, key, id, [part]).catch(() => undefined);
    await bucket.remove(what, key).catch(() => undefined);
  }
}

const probeDigest = `sha256:${"0".repeat(64)}` as Parameters<Bucket["tag"]>[2];
const madeUpUpload = "berthNeverBeganThisUpload";

/** What is asked for at the start or by an operator's probe may say in full what is wrong. */
function inWords(error: unknown): unknown {
  if (!(error instanceof AppError && error.cause instanceof S3Failure)) return error;
  return new AppError("unavailable", `${what}: ${error.cause.message}`, { cause: error.cause });
}
