import type { Context } from "koa";

/** Aborted when the client has left (or was answered): then nobody needs what the request is waiting for. */
export function leaving(ctx: Context): AbortSignal {
  const controller = new AbortController();
  const abort = () => {
    controller.abort();
  };
  if (ctx.res.destroyed) abort();
  else ctx.res.once("close", abort);
  return controller.signal;
}
