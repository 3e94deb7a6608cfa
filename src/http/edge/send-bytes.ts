import type { Context } from "koa";
import { exchangeOf } from "./exchange.ts";

/** Headers that describe what was to be sent. */
const ofTheBytes = [
  "Content-Length",
  "Content-Range",
  "Content-Type",
  "ETag",
  "Cache-Control",
  "Accept-Ranges",
  "Docker-Content-Digest",
];

/**
 * Streams chunks to the client as they come, one at a time: each is handed to the kernel before the next
 * is asked for, so its buffer may be used again. The headers must be set; Content-Length among them.
 * When the source fails before the first byte its error is thrown; after it the connection is broken off, so
 * that nobody takes the part for the whole. A client that leaves just ends it.
 * @param idle ms that the client may take none of a chunk; the source sees to its own patience.
 */
export async function sendBytes(
  ctx: Context,
  chunks: AsyncIterable<Uint8Array>,
  idle: number,
): Promise<void> {
  const { res } = ctx;
  const exchange = exchangeOf(ctx);
  ctx.respond = false;
  exchange.sent = 0;
  // One listener for all chunks: a race for each would keep them all until the end.
  let wake: (() => void) | undefined;
  res.once("close", () => wake?.());
  let writing = false;
  const stalled = setTimeout(() => {
    if (writing) res.destroy();
  }, idle);
  try {
    for await (const chunk of chunks) {
      if (res.destroyed) return;
      writing = true;
      stalled.refresh();
      await new Promise<void>((resolve) => {
        wake = resolve;
        // An error means that the client left; "close" follows and ends the loop.
        res.write(chunk, () => {
          resolve();
        });
      });
      writing = false;
      exchange.sent += chunk.length;
    }
    res.end();
  } catch (error) {
    if (!res.headersSent && !res.destroyed) {
      // Nothing was told yet: the error can be, in place of the bytes.
      for (const name of ofTheBytes) ctx.remove(name);
      ctx.respond = true;
      exchange.sent = undefined;
      throw error;
    }
    exchange.fault = error;
    res.destroy();
  } finally {
    clearTimeout(stalled);
  }
}
