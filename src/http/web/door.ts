/**
 * The web door: the page on `/` and what it talks to, below /api/v1. Owns URLs, JSON, cookies and the headers that keep
 * browsers strict; never rules, never storage. path → row of the table → who asks → body → handler → service.
 */
import { anonymous } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import { answerApiError } from "#http/edge/answer-api-error.ts";
import { answerEmpty } from "#http/edge/answer-empty.ts";
import type { Context, Middleware } from "#http/edge/context.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import { readFields } from "#http/edge/fields.ts";
import { jsonBody } from "#http/edge/json-body.ts";
import { leaving } from "#http/edge/leaving.ts";
import { matchPath } from "#http/edge/match-path.ts";
import { webErrors } from "./errors.ts";
import type { WebNeeds } from "./needs.ts";
import { sendPage } from "./page.ts";
import { webRoutes } from "./routes.ts";
import { createSendEvents, type SendEvents } from "./send-events.ts";
import { setStrictHeaders } from "./strict-headers.ts";
import type { WebRoute } from "./web-request.ts";

export function createWebDoor(needs: WebNeeds): Middleware {
  const send = createSendEvents((ctx) => needs.client(ctx.req));
  return async (ctx, next) => {
    // koa finds none in a target such as "http://".
    if ((ctx.path as string | null) === null) {
      await next();
      return;
    }
    const found = webRoutes.flatMap((route) => {
      const parameters = matchPath(route.path, ctx.path);
      return parameters === undefined ? [] : [{ route, parameters }];
    });
    if (found.length === 0) {
      if (!(await sendPage(ctx, needs.page))) await next();
      return;
    }
    setStrictHeaders(ctx);
    ctx.set("Cache-Control", "no-store");
    // What is shown depends on who asks.
    ctx.set("Vary", "Cookie, Authorization");
    try {
      const method = ctx.method === "HEAD" ? "GET" : ctx.method;
      const match = found.find(({ route }) => route.method === method);
      if (match === undefined)
        throw unsupported(
          ctx,
          found.map(({ route }) => route),
        );
      await serve(ctx, needs, send, match.route, match.parameters.get("id") ?? "");
    } catch (error) {
      if (ctx.res.headersSent) throw error;
      const known = error instanceof AppError ? error : brokenOff(ctx, needs);
      if (known === undefined) throw error;
      exchangeOf(ctx).fault = known.cause ?? known;
      answerApiError(ctx, known, webErrors);
    }
  };
}

async function serve(
  ctx: Context,
  needs: WebNeeds,
  send: SendEvents,
  route: WebRoute,
  id: string,
): Promise<void> {
  exchangeOf(ctx).route = route.name;
  // Before the body: nobody unknown makes us read and parse.
  if (route.asks === "origin") needs.callers.refuseOtherOrigins(ctx);
  const asking =
    route.asks === "origin" ? { caller: anonymous, session: undefined } : await needs.callers.identify(ctx);
  const { caller } = asking;
  const answer = await route.handle({
    ...asking,
    ctx,
    needs,
    id,
    query: new URLSearchParams(ctx.querystring),
    fields: readFields(route.body === true ? await jsonBody(ctx) : {}),
    permit: (repository, actions) => {
      const action = actions[0] === "push" ? "pull,push" : (actions[0] ?? "pull");
      return needs.guard.permit(ctx, caller, repository, actions, `repository:${repository}:${action}`);
    },
    stream: (messages) => send(ctx, messages),
    leaving: leaving(ctx),
  });
  if (answer === "answered") return;
  if (answer === undefined) {
    answerEmpty(ctx, 204);
    return;
  }
  ctx.status = 200;
  ctx.set("Content-Type", "application/json");
  ctx.body = JSON.stringify(answer);
}

/** What was given up because nobody waits for it any more, or the server stops. */
function brokenOff(ctx: Context, { stopping }: WebNeeds): AppError | undefined {
  if (ctx.res.destroyed) return new AppError("upload-interrupted", "the client went away");
  return stopping.aborted
    ? new AppError("unavailable", "the server is stopping: try again in a moment", { retryAfter: 5 })
    : undefined;
}

function unsupported(ctx: Context, routes: readonly WebRoute[]): AppError {
  const allowed = routes.flatMap(({ method }) => (method === "GET" ? [method, "HEAD"] : [method])).join(", ");
  ctx.set("Allow", allowed);
  return new AppError("unsupported", `${ctx.method} is not supported here: ${allowed} are`);
}
