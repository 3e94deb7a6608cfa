import type { Context } from "#http/edge/context.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import { createOutlet } from "./outlet.ts";

export interface AnsweredStream {
  type?: string | undefined;
  /** The headers go out before there is anything to send: clients wait for them. Else with the first piece. */
  atOnce?: boolean;
  /** What tells the client of a failure after the headers; without it the connection is broken off. */
  failed?(error: unknown): Uint8Array | string;
}

/**
 * Answers 200 with pieces as they come, each as soon as it is there. A source that fails before the headers went out
 * throws. A client that leaves ends it: the source is left, once it gives its next piece or by the signal it was made with.
 */
export async function answerStream(
  ctx: Context,
  source: AsyncIterable<Uint8Array | string>,
  { type, atOnce = false, failed }: AnsweredStream,
): Promise<void> {
  const { res } = ctx;
  const pieces = source[Symbol.asyncIterator]();
  let next = atOnce ? undefined : await pieces.next();
  const exchange = exchangeOf(ctx);
  ctx.status = 200;
  if (type !== undefined) ctx.set("Content-Type", type);
  ctx.respond = false;
  res.flushHeaders();
  const outlet = createOutlet(res);
  try {
    for (;;) {
      next ??= await pieces.next();
      if (next.done === true) break;
      if (!(await outlet.write(next.value))) {
        await pieces.return?.();
        return;
      }
      next = undefined;
    }
    res.end();
  } catch (error) {
    // A source that ends because the client left has nothing to tell.
    if (res.destroyed) return;
    exchange.fault = error;
    if (failed === undefined) res.destroy();
    else res.end(failed(error));
  } finally {
    exchange.sent = outlet.sent;
  }
}
