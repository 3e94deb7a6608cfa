/** The admin door: liveness, readiness, metrics. Owns no rules. */
import type { Middleware } from "#http/edge/context.ts";
import Router from "@koa/router";
import { answerError } from "#http/edge/answer-error.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import type { AdminNeeds } from "./needs.ts";
import { routes } from "./routes.ts";

export function createAdminDoor(needs: AdminNeeds): Middleware {
  const router = new Router();
  for (const route of routes)
    router.register(route.path, [route.method], async (ctx) => {
      exchangeOf(ctx).route = route.name;
      await route.handle(ctx, needs);
    });
  const paths = new Set(routes.map(({ path }) => path));
  const serve = router.routes() as unknown as Middleware;
  return async (ctx, next) => {
    await serve(ctx, next);
    if (ctx.body !== undefined || !paths.has(ctx.path)) return;
    ctx.set("Allow", "GET, HEAD");
    answerError(ctx, 405, "UNSUPPORTED", `${ctx.method} is not supported here: GET, HEAD are`);
  };
}
