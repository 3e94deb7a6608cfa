import { AppError } from "#core/errors.ts";
import type { Context } from "#http/edge/context.ts";
import { exchangeOf } from "#http/edge/exchange.ts";

/**
 * A request's body as it comes, however slowly: what feeds it may be a person's pipe. Chunks stay valid. Leaving early
 * leaves the connection for the answer. Throws upload-interrupted when the client goes away.
 */
export async function* upload(ctx: Context): AsyncGenerator<Uint8Array> {
  const exchange = exchangeOf(ctx);
  try {
    for await (const chunk of ctx.req.iterator({ destroyOnReturn: false })) {
      const bytes = chunk as Buffer;
      exchange.received += bytes.length;
      yield bytes;
    }
  } catch (cause) {
    throw new AppError("upload-interrupted", "the client went away before its body ended", { cause });
  }
}
