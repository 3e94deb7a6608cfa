/** The admin door: liveness, readiness, metrics. Owns no rules. */
import type { Middleware } from "#http/edge/context.ts";
import Router from "@koa/router";
import { AppError, type ErrorCode } from "#core/errors.ts";
import { answerError } from "#http/edge/answer-error.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import type { AdminNeeds } from "./needs.ts";
import { routes as every, type AdminRoute } from "./routes.ts";

const refusals: Partial<Record<ErrorCode, [status: number, code: string]>> = {
  unauthenticated: [401, "UNAUTHORIZED"],
  denied: [403, "DENIED"],
  "too-many-attempts": [429, "TOOMANYREQUESTS"],
};

/** @param routes those that are served here; to all others it doesn't answer. */
export function createAdminDoor(needs: AdminNeeds, routes: readonly AdminRoute[] = every): Middleware {
  const router = new Router();
  for (const route of routes)
    router.register(route.path, [route.method], async (ctx) => {
      exchangeOf(ctx).route = route.name;
      await route.handle(ctx, needs);
    });
  const paths = new Set(routes.map(({ path }) => path));
  const serve = router.routes() as unknown as Middleware;
  return async (ctx, next) => {
    try {
      await serve(ctx, next);
    } catch (error) {
      const refusal = error instanceof AppError ? refusals[error.code] : undefined;
      if (refusal === undefined) throw error;
      const { message, retryAfter } = error as AppError;
      if (retryAfter !== undefined) ctx.set("Retry-After", String(retryAfter));
      answerError(ctx, ...refusal, message);
      return;
    }
    if (ctx.body !== undefined || !paths.has(ctx.path)) return;
    ctx.set("Allow", "GET, HEAD");
    answerError(ctx, 405, "UNSUPPORTED", `${ctx.method} is not supported here: GET, HEAD are`);
  };
}
