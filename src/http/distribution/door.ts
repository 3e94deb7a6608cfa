/**
 * The distribution door: /v2/ of the OCI distribution spec. Owns URLs, headers, status codes and the
 * error body; never rules, never storage. path → typed path → row of the table → handler → service.
 */
import type { Context, Middleware } from "#http/edge/context.ts";
import { AppError } from "#core/errors.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import { parseV2Path, type V2Path } from "#oci/v2-path.ts";
import { sendError } from "./errors.ts";
import type { DistributionNeeds } from "./needs.ts";
import { scopeOf } from "./scope.ts";
import { repositoryOf } from "./parse.ts";
import { routes, type DistributionRoute } from "./routes.ts";

export function createDistributionDoor(needs: DistributionNeeds): Middleware {
  const table = new Map(routes.map((route) => [`${route.method} ${route.kind}`, route]));
  let receiving = 0;

  async function serve(ctx: Context, target: Target): Promise<void> {
    const path = parseV2Path(target.path);
    if (path === undefined)
      throw new AppError(
        "repository-unknown",
        "the registry has no such path; see /v2/ of the distribution spec",
      );
    const route = table.get(`${ctx.method} ${path.kind}`) ?? headOf(ctx, path);
    if (route === undefined) throw methodUnsupported(ctx, path);
    exchangeOf(ctx).route = route.name;
    const named = "repository" in path ? repositoryOf(path.repository) : undefined;
    // Media types carry a plus (…+json) that many clients leave bare; no parameter here has a space.
    const query = new URLSearchParams(target.query.replaceAll("+", "%2B"));
    const ns = query.get("ns") ?? undefined;
    const { repository, source } = needs.locate({ repository: named, ns, does: doneBy(route) });
    // distribution-spec "Registry Proxying": where it counted.
    if (ns !== undefined && repository !== named) ctx.set("OCI-Namespace", ns);
    const scope = scopeOf(route, repository, query);
    const caller = await needs.guard.identify(ctx, scope);
    const by = route.actions && needs.guard.permit(ctx, caller, repository, route.actions, scope ?? "");
    const request = {
      ctx,
      needs,
      caller,
      by,
      repository,
      named: named ?? repository,
      source,
      subject: subjectOf(path),
      query,
    };
    if (route.upload === undefined) {
      await route.handle(request);
      return;
    }
    if (receiving >= needs.limits.current.concurrent_uploads)
      throw new AppError("busy", "too many uploads are running: try again in a moment", { retryAfter: 2 });
    receiving++;
    try {
      await route.handle(request);
    } finally {
      receiving--;
    }
  }

  function headOf(ctx: Context, path: V2Path): DistributionRoute | undefined {
    return ctx.method === "HEAD" ? table.get(`GET ${path.kind}`) : undefined;
  }

  return async (ctx, next) => {
    const target = targetOf(ctx.req.url ?? "/");
    if (target.path !== "/v2" && !target.path.startsWith("/v2/")) {
      await next();
      return;
    }
    ctx.set("Docker-Distribution-Api-Version", "registry/2.0");
    try {
      await serve(ctx, target);
    } catch (error) {
      if (!(error instanceof AppError) || ctx.res.headersSent) throw error;
      exchangeOf(ctx).fault = error.code.startsWith("upstream-") ? error : (error.cause ?? error);
      sendError(ctx, error);
    }
  };
}

/** Whether a request takes, brings or removes content. */
function doneBy({ actions = ["pull"] }: DistributionRoute): "pull" | "push" | "delete" {
  const [action = "pull"] = actions;
  return action === "overwrite" ? "push" : action;
}

interface Target {
  path: string;
  query: string;
}

/** Path and query, not normalised. A proxy's absolute form (RFC 9112 section 3.2.2) is taken as its path. */
function targetOf(url: string): Target {
  const absolute = /^https?:\/\/[^/?#]*/i.exec(url);
  const rest = absolute === null ? url : url.slice(absolute[0].length);
  const mark = rest.indexOf("?");
  return mark < 0 ? { path: rest, query: "" } : { path: rest.slice(0, mark), query: rest.slice(mark + 1) };
}

function subjectOf(path: V2Path): string {
  switch (path.kind) {
    case "manifest":
      return path.reference;
    case "blob":
    case "referrers":
      return path.digest;
    case "upload":
      return path.upload;
    default:
      return "";
  }
}

function methodUnsupported(ctx: Context, path: V2Path): AppError {
  const allowed = new Set(
    routes.filter(({ kind }) => kind === path.kind).map(({ method }) => method as string),
  );
  if (allowed.has("GET")) allowed.add("HEAD");
  ctx.set("Allow", [...allowed].join(", "));
  return new AppError("unsupported", `${ctx.method} is not supported here: ${[...allowed].join(", ")} are`);
}
