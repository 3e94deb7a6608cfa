/**
 * The edge: what every request passes through, whatever its door. Owns the koa application, request
 * ids, the access log, the counting and the last error net; never rules, never storage.
 * request → id → door (its own error table) → answer → one log line and one count.
 */
import Koa, { type Context, type Middleware } from "koa";
import type { Logger } from "pino";
import { AppError } from "#core/errors.ts";
import type { Meter } from "#core/meter.ts";
import { answerError } from "./answer-error.ts";
import { setExchange, type Exchange } from "./exchange.ts";
import { leaveBody } from "./leave-body.ts";
import { loggedTarget, loggedText } from "./logged-text.ts";
import type { Origins } from "./origin.ts";
import { createRequestIds } from "./request-id.ts";

export interface EdgeParts {
  log: Logger;
  /** Write one line a request. */
  accessLog: boolean;
  meter: Meter;
  origins: Origins;
  /** Tried in turn; a door that doesn't know the path calls `next`. */
  doors: Middleware[];
}

export function createEdge({ log, accessLog, meter, origins, doors }: EdgeParts): Koa {
  const app = new Koa();
  const requestId = createRequestIds();
  // koa's own error handler drops headers that were set and speaks text; ours below comes first.
  app.silent = true;
  app.use(async (ctx, next) => {
    const started = performance.now();
    const exchange: Exchange = {
      id: requestId(ctx.req.headers["x-request-id"]),
      route: "none",
      received: 0,
      sent: undefined,
      caller: undefined,
      fault: undefined,
    };
    setExchange(ctx, exchange);
    ctx.set("X-Request-Id", exchange.id);
    // What people push lies on the page's origin: it is never script there, whatever it looks like.
    ctx.set("X-Content-Type-Options", "nosniff");
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined && ctx.respond !== false) notFound(ctx);
    } catch (error) {
      exchange.fault = error;
      internalError(ctx);
    }
    await leaveBody(ctx.req, ctx.res);
    if (ctx.respond === false) finish();
    else ctx.res.once("close", finish);

    function finish(): void {
      const seconds = (performance.now() - started) / 1000;
      const { method } = ctx;
      const { status } = ctx;
      const sent = exchange.sent ?? (method === "HEAD" ? 0 : (ctx.length ?? 0));
      const { route, received, fault, cache } = exchange;
      meter.request({ route, method, status, seconds, received, sent, cache });
      if (fault instanceof AppError && fault.code.startsWith("upstream-"))
        log.warn({ req_id: exchange.id, why: fault.message, cause: causeOf(fault) }, "an upstream failed");
      else if (status >= 500 && fault !== undefined)
        log.error({ req_id: exchange.id, err: fault }, "request failed");
      if (!accessLog) return;
      const agent = ctx.req.headers["user-agent"];
      log.info(
        {
          req_id: exchange.id,
          route,
          method,
          path: loggedTarget(ctx.req.url ?? "", 600),
          status,
          received,
          sent,
          cache,
          ms: Math.round(seconds * 1e5) / 100,
          client: origins.client(ctx.req),
          user: exchange.caller,
          agent: agent === undefined ? undefined : loggedText(agent, 256),
        },
        "request",
      );
    }
  });
  for (const door of doors) app.use(door);
  return app;
}

/** What was underneath, in a line: it isn't this server that failed. */
function causeOf({ cause }: AppError): string | undefined {
  return cause instanceof Error ? cause.message : undefined;
}

function notFound(ctx: Context): void {
  answerError(ctx, 404, "UNSUPPORTED", "there is nothing at this path; the registry's API begins at /v2/");
}

function internalError(ctx: Context): void {
  if (ctx.res.headersSent) {
    ctx.res.destroy();
    return;
  }
  answerError(
    ctx,
    500,
    "UNKNOWN",
    "the server failed; its log has the cause under this request's X-Request-Id",
  );
}
