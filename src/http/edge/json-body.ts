import { AppError } from "#core/errors.ts";
import type { Context } from "koa";
import { exchangeOf } from "./exchange.ts";
import { requestBody, wholeBody } from "./request-body.ts";

const longestBody = 64 * 1024;
/** ms between two pieces of a body. */
const idle = 30_000;

/**
 * The body's JSON; an empty body is an empty object. Throws condition-invalid for another media type: what a form
 * on somebody else's page can send is never taken. Throws manifest-too-large, account-invalid.
 */
export async function jsonBody(ctx: Context): Promise<unknown> {
  const type = (ctx.req.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/json")
    throw new AppError("condition-invalid", "send the body as Content-Type: application/json");
  const bytes = await wholeBody(
    requestBody(ctx.req, idle, exchangeOf(ctx)),
    longestBody,
    () => new AppError("manifest-too-large", `the body has more than ${longestBody} bytes`),
  );
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw new AppError("account-invalid", "the body is not JSON");
  }
}
