import { AppError } from "#core/errors.ts";
import type { Context } from "#http/edge/context.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import { hijackOf } from "#http/edge/hijack.ts";
import { requestBody, wholeBody } from "#http/edge/request-body.ts";

const longestBody = 4 * 1024 * 1024;
/** ms between two pieces of a body. */
const idle = 60_000;

/**
 * The body's JSON object. Throws engine-invalid: another media type (what a form on a web page can send), broken or
 * no JSON; with `optional` an empty body is an empty object, whatever its type.
 */
export async function jsonBody(ctx: Context, optional = false): Promise<Record<string, unknown>> {
  const bytes =
    hijackOf(ctx.req)?.body ??
    (await wholeBody(
      requestBody(ctx.req, idle, exchangeOf(ctx)),
      longestBody,
      () => new AppError("engine-invalid", `the request's body has more than ${longestBody} bytes`),
    ));
  const empty = bytes.length === 0;
  if (empty && optional) return {};
  const type = ctx.req.headers["content-type"];
  if (type?.split(";", 1)[0]?.trim().toLowerCase() !== "application/json" && !(empty && type === undefined))
    throw new AppError(
      "engine-invalid",
      `unsupported Content-Type header (${type ?? ""}): must be 'application/json'`,
    );
  if (empty) throw new AppError("engine-invalid", "invalid JSON: got EOF while reading request body");
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString());
  } catch (cause) {
    throw new AppError("engine-invalid", `invalid JSON: ${(cause as Error).message}`, { cause });
  }
  if (parsed === null && optional) return {};
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new AppError("engine-invalid", "invalid JSON: an object is expected");
  return parsed as Record<string, unknown>;
}
