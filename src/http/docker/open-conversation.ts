import type { Context } from "#http/edge/context.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import { hijackOf } from "#http/edge/hijack.ts";
import { createOutlet, type Outlet } from "./outlet.ts";
import { upload } from "./upload.ts";

/** A connection that carries a process' streams. */
export interface Conversation {
  /** What the client sends, until it ends its side; undefined: it can't send anything. */
  input: AsyncIterable<Uint8Array> | undefined;
  output: Outlet;
  /** The client has left altogether. */
  left: AbortSignal;
  /** All was said. */
  end(): void;
}

/** ms that a client may take to end its own side after we ended ours. */
const patience = 5_000;

/**
 * The answer of attach and exec: 101 and bytes both ways where an upgrade was asked for, else 200 and the output until
 * the connection closes. A client's end of its side alone is no leave: most clients have nothing to say.
 * @param bodyIsInput without an upgrade, what the request's body is
 */
export function openConversation(
  ctx: Context,
  type: string,
  { bodyIsInput }: { bodyIsInput: boolean },
): Conversation {
  const exchange = exchangeOf(ctx);
  const controller = new AbortController();
  const hijack = hijackOf(ctx.req);
  const stream = hijack === undefined ? ctx.res : hijack.take({ "Content-Type": type });
  ctx.respond = false;
  if (hijack === undefined) {
    ctx.status = 200;
    ctx.set("Content-Type", type);
    // To the end of the connection, so that clients that read it raw see no chunk sizes.
    ctx.res.shouldKeepAlive = false;
    ctx.res.useChunkedEncodingByDefault = false;
    ctx.res.flushHeaders();
  }
  stream.once("close", () => {
    controller.abort();
  });
  const output = createOutlet(stream);
  const input =
    hijack !== undefined
      ? (stream as ReturnType<typeof hijack.take>).iterator({ destroyOnReturn: false })
      : bodyIsInput && hasBody(ctx)
        ? upload(ctx)
        : undefined;
  return {
    input: input as AsyncIterable<Uint8Array> | undefined,
    output,
    left: controller.signal,
    end() {
      exchange.sent = output.sent;
      stream.end(() => {
        // Everything has reached the client's system by now.
        const timer = setTimeout(() => stream.destroy(), patience).unref();
        stream.once("close", () => {
          clearTimeout(timer);
        });
      });
    },
  };
}

function hasBody({ req: { headers } }: Context): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"]) > 0;
}
