import { AppError } from "#core/errors.ts";
import type { Context } from "#http/edge/context.ts";
import { answerEmpty } from "#http/edge/answer-empty.ts";
import { clientNetwork } from "#kit/client-network.ts";
import { sendBytes } from "#http/edge/send-bytes.ts";

/** Streams of one process, and of one client: each holds a connection for as long as somebody looks. */
const most = 100;
const mostOfOne = 12;
/** ms that a client may take none of a message. */
const idle = 30_000;

/** Answers with an event stream. WHATWG HTML "Server-sent events". Throws busy. */
export type SendEvents = (ctx: Context, messages: AsyncIterable<string>) => Promise<"answered">;

/** @param client the client's address */
export function createSendEvents(client: (ctx: Context) => string): SendEvents {
  /** Open streams by address. */
  const streams = new Map<string, number>();

  return async (ctx, messages) => {
    // Whoever has one address of such a network has them all.
    const address = clientNetwork(client(ctx));
    const own = streams.get(address) ?? 0;
    const all = [...streams.values()].reduce((sum, count) => sum + count, 0);
    if (own >= mostOfOne || all >= most)
      throw new AppError("busy", "too many live views are open: close some", { retryAfter: 30 });
    ctx.set("Content-Type", "text/event-stream");
    // nginx would gather them.
    ctx.set("X-Accel-Buffering", "no");
    if (ctx.method === "HEAD") {
      answerEmpty(ctx, 200);
      return "answered";
    }
    ctx.status = 200;
    streams.set(address, own + 1);
    try {
      await sendBytes(ctx, encoded(messages), idle);
    } finally {
      const left = (streams.get(address) ?? 1) - 1;
      if (left === 0) streams.delete(address);
      else streams.set(address, left);
    }
    return "answered";
  };
}

async function* encoded(messages: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  // The headers go out with the first bytes, and somebody waits for them.
  yield Buffer.from(": here it begins\n\n");
  for await (const message of messages) yield Buffer.from(message);
}
