import type { Context } from "koa";

/** An answer without a body: Content-Length 0 and no Content-Type (koa would write the status in words). */
export function answerEmpty(ctx: Context, status: number): void {
  ctx.body = null;
  ctx.status = status;
}
