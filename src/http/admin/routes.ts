import type { Context } from "#http/edge/context.ts";
import { AppError } from "#core/errors.ts";
import type { Route } from "#http/edge/route.ts";
import type { AdminNeeds } from "./needs.ts";

export interface AdminRoute extends Route {
  handle(ctx: Context, needs: AdminNeeds): Promise<void> | void;
}

/** For operators and their machines: what an address of its own (metrics.listen) has. */
export const healthRoutes: readonly AdminRoute[] = [
  {
    method: "GET",
    path: "/livez",
    name: "livez",
    handle(ctx) {
      ctx.body = "ok\n";
    },
  },
  {
    method: "GET",
    path: "/readyz",
    name: "readyz",
    async handle(ctx, needs) {
      try {
        await needs.ready();
        ctx.body = ["ready", ...needs.warnings().map((text) => `warning: ${text}`), ""].join("\n");
      } catch (error) {
        ctx.status = 503;
        ctx.body = `not ready: ${error instanceof AppError ? error.message : "see the log"}\n`;
      }
    },
  },
  {
    method: "GET",
    path: "/metrics",
    name: "metrics",
    async handle(ctx, needs) {
      await needs.mayReadMetrics(ctx);
      const { contentType, text } = await needs.metrics();
      ctx.set("Content-Type", contentType);
      ctx.body = text;
    },
  },
];

/** All of this door. */
export const routes: readonly AdminRoute[] = [...healthRoutes];
