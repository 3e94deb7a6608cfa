/**
 * The accounts' API, /api/v1/: users, robots, groups, tokens as JSON. Owns its paths and what JSON looks
 * like; never who may do what. path → row of the table → who asks → body → handler → service.
 */
import { AppError } from "#core/errors.ts";
import type { Page } from "#core/metadata/repositories.ts";
import type { Context, Middleware } from "#http/edge/context.ts";
import { answerEmpty } from "#http/edge/answer-empty.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import { readFields } from "#http/edge/fields.ts";
import { jsonBody } from "#http/edge/json-body.ts";
import { matchPath } from "#http/edge/match-path.ts";
import { answerApiError } from "#http/edge/answer-api-error.ts";
import type { ApiNeeds } from "./api-needs.ts";
import type { ApiRoute } from "./api-request.ts";
import { apiRoutes } from "./api-routes.ts";

const largestPage = 1_000;

export function createApiDoor(needs: ApiNeeds): Middleware {
  return async (ctx, next) => {
    if (!ctx.path.startsWith("/api/")) {
      await next();
      return;
    }
    // Answers hold names and, once, secrets.
    ctx.set("Cache-Control", "no-store");
    try {
      await serve(ctx, needs);
    } catch (error) {
      if (!(error instanceof AppError) || ctx.res.headersSent) throw error;
      exchangeOf(ctx).fault = error.cause ?? error;
      answerApiError(ctx, error);
    }
  };
}

async function serve(ctx: Context, needs: ApiNeeds): Promise<void> {
  const { route, parameters } = routeOf(ctx);
  exchangeOf(ctx).route = route.name;
  // Before the body: nobody unknown makes us read and parse.
  const caller = await needs.identify(ctx);
  const takesBody = route.method === "POST" || route.method === "PATCH";
  const answer = await route.handle({
    needs,
    caller,
    name: parameters.get("name") ?? parameters.get("id") ?? "",
    account: parameters.get("account") ?? "",
    fields: readFields(takesBody ? await jsonBody(ctx) : {}),
    page: pageOf(ctx),
  });
  if (answer === undefined) {
    answerEmpty(ctx, 204);
    return;
  }
  ctx.status = route.status ?? 200;
  ctx.set("Content-Type", "application/json");
  ctx.body = JSON.stringify(answer);
}

/** Throws account-unknown for a path that there isn't, unsupported (with Allow) for a method. */
function routeOf(ctx: Context): { route: ApiRoute; parameters: ReadonlyMap<string, string> } {
  const found = apiRoutes.flatMap((route) => {
    const parameters = matchPath(route.path, ctx.path);
    return parameters === undefined ? [] : [{ route, parameters }];
  });
  if (found.length === 0) throw new AppError("account-unknown", "the API has no such path");
  const method = ctx.method === "HEAD" ? "GET" : ctx.method;
  const match = found.find(({ route }) => route.method === method);
  if (match !== undefined) return match;
  const allowed = found.map(({ route }) => route.method).join(", ");
  ctx.set("Allow", allowed);
  throw new AppError("unsupported", `${ctx.method} is not supported here: ${allowed} are`);
}

function pageOf(ctx: Context): Page {
  const query = new URLSearchParams(ctx.querystring);
  const n = query.get("n");
  if (n !== null && !/^[1-9]\d{0,8}$/.test(n))
    throw new AppError("page-invalid", "n is how many are wanted at most, from 1");
  const limit = n === null ? largestPage : Math.min(largestPage, Number(n));
  return { limit, last: query.get("last") ?? undefined };
}
