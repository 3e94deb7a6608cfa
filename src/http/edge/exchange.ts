import type { Context } from "koa";

/** What the edge keeps about one request for the log and the metrics; doors fill in their part. */
export interface Exchange {
  id: string;
  /** Name of the matched route; "none" until a door matched. */
  route: string;
  /** Body bytes received so far. */
  received: number;
  /** Body bytes sent by a door that writes to the socket itself; else Content-Length counts. */
  sent: number | undefined;
  /** Name of who asked, once it is known; undefined where auth is off or nothing was sent. */
  caller: string | undefined;
  /** How content of an upstream came to be here, as X-Cache says; undefined: it is the registry's own. */
  cache?: string;
  /** What went wrong underneath, for the log only. */
  fault: unknown;
}

const key = Symbol("exchange");

export function setExchange(ctx: Context, exchange: Exchange): void {
  (ctx as unknown as Record<symbol, Exchange>)[key] = exchange;
}

export function exchangeOf(ctx: Context): Exchange {
  const exchange = (ctx as unknown as Record<symbol, Exchange | undefined>)[key];
  if (exchange === undefined) throw new Error("this request did not come through the edge");
  return exchange;
}
