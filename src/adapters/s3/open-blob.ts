import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { OpenBlob } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { Bucket } from "./bucket.ts";
import type { Place } from "./layout.ts";
import type { Patience } from "./retry.ts";

const failed = "The blob could not be read";

/** Opens a blob; see BlobStore.open. Only its size is asked for until bytes are wanted. */
export async function openBlob(
  bucket: Bucket,
  { key, digest }: Place,
  patience: Patience,
): Promise<OpenBlob> {
  const damaged = (what: string) =>
    new AppError("blob-damaged", `The stored blob ${digest} is ${what}; push it again.`, { subject: digest });
  const found = await bucket.head("The blob could not be opened", key);
  if (found === undefined) throw damaged("missing");
  const { size, etag } = found;
  let closed = false;

  /** The bytes in order; an answer that breaks off or stalls is asked for again from where it was. */
  async function* read(start: number, end: number): AsyncGenerator<Uint8Array, void, void> {
    if (closed) throw new Error("this blob is closed");
    if (end >= size) throw damaged("shorter than it was");
    let at = start;
    let fruitless = 0;
    while (at <= end) {
      const body = await bucket.get(failed, key, { start: at, end, etag });
      if (body === undefined) throw damaged("missing");
      const before = at;
      const broken: { error?: unknown } = {};
      for await (const chunk of chunksOf(body, patience.deadline, broken)) {
        const wanted = chunk.subarray(0, end - at + 1);
        at += wanted.length;
        yield wanted;
      }
      if (at > end) return;
      fruitless = at > before ? 0 : fruitless + 1;
      if (fruitless >= patience.attempts)
        throw new AppError("unavailable", `${failed}: the registry's object storage broke off. Try again.`, {
          cause: new Error(`bucket ${bucket.name}: GetObject broke off`),
          retryAfter: 5,
        });
      await sleep(Math.random() * Math.min(patience.longestPause, patience.pause * 2 ** fruitless));
    }
  }

  const close = () => {
    closed = true;
    return Promise.resolve();
  };
  return { size, read, close, [Symbol.asyncDispose]: close };
}

/** The chunks of a body until it ends, breaks off, or is silent for `idle` ms. Ends its connection when left early. */
async function* chunksOf(
  body: Readable,
  idle: number,
  broken: { error?: unknown },
): AsyncGenerator<Uint8Array, void, void> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  try {
    for (;;) {
      // Only while waiting for S3: a slow client may take any time.
      const stalled = setTimeout(() => body.destroy(new Error("no bytes for too long")), idle);
      let next: IteratorResult<Uint8Array>;
      try {
        next = await chunks.next();
      } catch (error) {
        broken.error = error;
        return;
      } finally {
        clearTimeout(stalled);
      }
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    body.destroy();
  }
}
