import type { Context } from "#http/edge/context.ts";
import { answerEmpty } from "#http/edge/answer-empty.ts";

/** An answer in JSON, with a line end as dockerd writes it. */
export function answerJson(ctx: Context, answer: unknown, status = 200): void {
  ctx.status = status;
  ctx.set("Content-Type", "application/json");
  ctx.body = `${JSON.stringify(answer)}\n`;
}

/** Done, and nothing to say. */
export function answerNothing(ctx: Context, status: 200 | 201 | 204 = 204): void {
  answerEmpty(ctx, status);
}
