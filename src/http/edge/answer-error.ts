import type { Context } from "koa";

/** An error in the OCI form, for what no door's own table covers. distribution-spec "Error Codes". */
export function answerError(ctx: Context, status: number, code: string, message: string): void {
  ctx.status = status;
  ctx.set("Content-Type", "application/json");
  ctx.body = JSON.stringify({ errors: [{ code, message }] });
}
