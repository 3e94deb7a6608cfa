/**
 * The token door: /token, where clients that were challenged get their access tokens. Owns parameters,
 * forms and answers; knows no passwords, no keys and no rules. parameters → proof → tokens.issue → JSON.
 */
import type { Middleware } from "#http/edge/context.ts";
import { AppError } from "#core/errors.ts";
import { answerError } from "#http/edge/answer-error.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import { isExpected, sendError } from "./errors.ts";
import type { TokenNeeds } from "./needs.ts";
import { routes, type TokenRoute } from "./routes.ts";

export function createTokenDoor(needs: TokenNeeds): Middleware {
  const paths = Map.groupBy(routes, ({ path }) => path);
  return async (ctx, next) => {
    const rows = paths.get(ctx.path);
    if (rows === undefined) {
      await next();
      return;
    }
    const route = rowFor(rows, ctx.method);
    if (route === undefined) {
      ctx.set("Allow", allowed(rows));
      answerError(ctx, 405, "UNSUPPORTED", `${ctx.method} is not supported here: ${allowed(rows)} are`);
      return;
    }
    exchangeOf(ctx).route = route.name;
    // RFC 6749 section 5.1; errors tell about accounts as well.
    ctx.set("Cache-Control", "no-store");
    try {
      await route.handle(ctx, needs);
    } catch (error) {
      if (!(error instanceof AppError) || !isExpected(error) || ctx.res.headersSent) throw error;
      exchangeOf(ctx).fault = error.cause ?? error;
      sendError(ctx, error, needs.service);
    }
  };
}

function rowFor(rows: readonly TokenRoute[], method: string): TokenRoute | undefined {
  const own = rows.find((row) => row.method === method);
  // HEAD of the keys is harmless; HEAD /token would make a token that nobody gets.
  return own ?? (method === "HEAD" && rows.length === 1 ? rows[0] : undefined);
}

function allowed(rows: readonly TokenRoute[]): string {
  return rows.map(({ method }) => method).join(", ");
}
