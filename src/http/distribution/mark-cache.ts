import type { Context } from "#http/edge/context.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import type { CacheMark } from "#core/source.ts";

/** Tells how content of an upstream came to be here. Age: RFC 9111 section 5.1. */
export function markCache(ctx: Context, cache: CacheMark | undefined): void {
  if (cache === undefined) return;
  exchangeOf(ctx).cache = cache.state;
  ctx.set("X-Cache", cache.state);
  if (cache.age !== undefined) ctx.set("Age", String(Math.floor(cache.age / 1000)));
}
