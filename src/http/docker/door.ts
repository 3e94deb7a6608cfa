/**
 * The docker door: the Docker Engine API 1.24 to 1.47, as the docker CLI and docker-compose speak it. Owns URLs, JSON,
 * streams and their order on the wire; never rules, never processes. version off → row of the table → handler → service.
 */
import { AppError } from "#core/errors.ts";
import type { Context, Middleware } from "#http/edge/context.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import { newest, versionOf } from "./api-version.ts";
import { answerMessage, messageOf, statusOf } from "./errors.ts";
import { createMatchRoute } from "./match-route.ts";
import type { DockerNeeds } from "./needs.ts";
import { readQuery } from "./query.ts";
import { routes } from "./routes.ts";
import { noRoute } from "./unsupported.ts";

export interface DoorFacts {
  /** Of Berth. */
  version: string;
}

export function createDockerDoor(needs: DockerNeeds, { version }: DoorFacts): Middleware {
  const match = createMatchRoute(routes);
  const always = {
    "Api-Version": `1.${newest}`,
    "Docker-Experimental": "false",
    Ostype: "linux",
    Server: `Berth/${version} (linux)`,
  };

  async function serve(ctx: Context): Promise<void> {
    const target = targetOf(ctx.req.url ?? "/");
    const { api, rest: path } = versionOf(target.path);
    const found = match(ctx.method, path);
    if (found === undefined) throw noRoute(path);
    const { route, ref } = found;
    exchangeOf(ctx).route = route.name;
    if (ref === undefined) throw new AppError("engine-invalid", `broken escapes in the path: ${path}`);
    await route.handle({ ctx, needs, ref, query: readQuery(target.query), api });
  }

  return async (ctx) => {
    ctx.set(always);
    try {
      await serve(ctx);
    } catch (error) {
      // What is said in docker's words is an answer, not a fault of ours.
      exchangeOf(ctx).fault = error instanceof AppError ? error.cause : error;
      if (ctx.res.headersSent) {
        ctx.respond = false;
        ctx.res.destroy();
      } else answerMessage(ctx, error instanceof AppError ? statusOf(error) : 500, messageOf(error));
    }
  };
}

/** Path and query as they came; of an absolute form the path (RFC 9112 section 3.2.2). */
function targetOf(url: string): { path: string; query: string } {
  const rest = url.replace(/^https?:\/\/[^/?]*/i, "");
  const mark = rest.indexOf("?");
  return mark < 0 ? { path: rest, query: "" } : { path: rest.slice(0, mark), query: rest.slice(mark + 1) };
}
