import type { ServerResponse } from "node:http";
import type { Context } from "koa";
import { exchangeOf } from "./exchange.ts";

/**
 * Streams chunks to the client as they come, one at a time: each is handed to the kernel before the next
 * is asked for, so its buffer may be used again. The headers must be set; Content-Length among them.
 * When the source fails after the first byte the connection is broken off, so that nobody takes the
 * part for the whole. A client that leaves just ends it.
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
  const gone = new Promise<void>((resolve) => res.once("close", resolve));
  const stalled = setTimeout(() => res.destroy(), idle);
  try {
    for await (const chunk of chunks) {
      if (res.destroyed) return;
      await Promise.race([written(res, chunk), gone]);
      exchange.sent += chunk.length;
      stalled.refresh();
    }
    res.end();
  } catch (error) {
    exchange.fault = error;
    res.destroy();
  } finally {
    clearTimeout(stalled);
  }
}

function written(res: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    // An error means that the client left; "close" follows and ends the loop.
    res.write(chunk, () => {
      resolve();
    });
  });
}
