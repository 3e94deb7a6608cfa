/** The admin door: liveness, readiness, metrics. Owns no rules. */
import type { Middleware } from "#http/edge/context.ts";
import Router from "@koa/router";
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
  return router.routes() as unknown as Middleware;
}
