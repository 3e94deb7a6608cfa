import type { IncomingMessage } from "node:http";
import { AppError } from "#core/errors.ts";
import { freeChunk } from "#kit/free-chunk.ts";
import { askForBody } from "./continue.ts";
import type { Exchange } from "./exchange.ts";

// What may wait in memory for a slow store, for each request.
const highWater = 1024 * 1024;

/**
 * A request's body, chunk by chunk, without a limit on its whole time. A chunk is only valid until the
 * next one is asked for.
 * Throws upload-interrupted when the client goes away, body-stalled after `idle` ms of silence. Unlike
 * iterating the request itself, stopping early leaves the connection open for the answer.
 */
export async function* requestBody(
  request: IncomingMessage,
  idle: number,
  exchange: Exchange,
): AsyncGenerator<Buffer> {
  askForBody(request);
  let waiting: Buffer[] = [];
  let bytes = 0;
  let ended = request.readableEnded;
  let failure: AppError | undefined;
  let wake: (() => void) | undefined;
  const signal = () => {
    wake?.();
    wake = undefined;
  };
  const onData = (chunk: Buffer) => {
    waiting.push(chunk);
    bytes += chunk.length;
    exchange.received += chunk.length;
    if (bytes >= highWater) request.pause();
    signal();
  };
  const onEnd = () => {
    ended = true;
    signal();
  };
  const onGone = (cause?: unknown) => {
    if (ended) return;
    failure ??= new AppError("upload-interrupted", "the client went away before its body ended", { cause });
    signal();
  };
  const timer = setTimeout(() => {
    // Silence counts only while we want bytes; a slow store pauses the request itself.
    if (wake === undefined) {
      timer.refresh();
      return;
    }
    failure ??= new AppError("body-stalled", `no bytes came for ${idle / 1000} s: go on with the upload`, {});
    signal();
  }, idle);
  request.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
  if (request.destroyed && !ended) onGone();
  try {
    for (;;) {
      const taken = waiting;
      if (taken.length > 0) {
        waiting = [];
        bytes = 0;
        if (request.isPaused()) request.resume();
        for (const chunk of taken) {
          yield chunk;
          freeChunk(chunk);
        }
        timer.refresh();
      } else if (failure !== undefined) throw failure;
      else if (ended) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    clearTimeout(timer);
    request.off("data", onData).off("end", onEnd).off("close", onGone);
    // The "error" listener stays: a connection that breaks later must not end the process.
  }
}

/** The whole body in memory. Throws `tooLarge()` as soon as it is longer than `limit` bytes. */
export async function wholeBody(
  body: AsyncIterable<Buffer>,
  limit: number,
  tooLarge: () => AppError,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) throw tooLarge();
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks, length);
}
