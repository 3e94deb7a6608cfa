import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { OpenBlob } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { freeChunk } from "#kit/free-chunk.ts";
import type { Bucket } from "./bucket.ts";
import type { Place } from "./layout.ts";
import type { Patience } from "./retry.ts";

const failed = "The blob could not be read";

/** Opens a blob; see BlobStore.open. Only its size is asked for until bytes are wanted. */
export async function openBlob(
  bucket: Bucket,
  { key, digest }: Pick<Place, "key" | "digest">,
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
        freeChunk(chunk);
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

/** What may wait here while the client takes its time, bytes. */
const highWater = 512 * 1024;

/**
 * The chunks of a body until it ends, breaks off, or is silent for `idle` ms. Ends its connection when left early.
 * Not by iterating the body: what waits in it would be copied together, and its memory left to the collector.
 */
async function* chunksOf(
  body: Readable,
  idle: number,
  broken: { error?: unknown },
): AsyncGenerator<Uint8Array, void, void> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  let over = false;
  let wake: (() => void) | undefined;
  // Only while waiting for S3: a slow client may take any time.
  const stalled = setTimeout(() => {
    if (wake === undefined) stalled.refresh();
    else body.destroy(new Error("no bytes for too long"));
  }, idle);
  const end = (error?: unknown) => {
    if (!over && error !== undefined) broken.error = error;
    over = true;
    wake?.();
  };
  body.on("data", (chunk: Uint8Array) => {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes >= highWater) body.pause();
    wake?.();
  });
  body.once("end", () => end()).once("close", () => end());
  body.on("error", end);
  try {
    for (;;) {
      const taken = waiting;
      if (taken.length > 0) {
        [waiting, bytes] = [[], 0];
        if (body.isPaused()) body.resume();
        yield* taken;
      } else if (over) return;
      else {
        stalled.refresh();
        await new Promise<void>((resolve) => (wake = resolve));
        wake = undefined;
      }
    }
  } finally {
    clearTimeout(stalled);
    body.destroy();
  }
}
