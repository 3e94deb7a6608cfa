import { isAdmin } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import type { SessionView } from "#core/web/views.ts";
import { nobodysCsrf, sessionCookie } from "#http/edge/api-callers.ts";
import type { Context } from "#http/edge/context.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import type { WebNeeds } from "./needs.ts";
import type { WebRequest, WebRoute } from "./web-request.ts";

const path = "/api/v1/session";

export const sessionRoutes: readonly WebRoute[] = [
  {
    method: "GET",
    path,
    name: "session-get",
    async handle({ ctx, needs, caller, session }) {
      const name = caller.kind === "open" || caller.kind === "anonymous" ? undefined : caller.name;
      const admin = isAdmin(caller);
      return sessionView(ctx, needs, name, admin, session?.csrf ?? nobodysCsrf);
    },
  },
  { method: "POST", path, name: "session-begin", body: true, asks: "origin", handle: begin },
  { method: "DELETE", path, name: "session-end", handle: end },
];

async function begin({ ctx, needs, fields }: WebRequest): Promise<SessionView> {
  const [name, password] = [fields.text("name"), fields.text("password")];
  fields.end();
  if (needs.signIn === undefined)
    throw new AppError(
      "account-invalid",
      needs.auth === "open"
        ? "auth is off: there is nothing to sign in to"
        : "accounts are kept by another server: sign in there, and bring its token",
    );
  const from = { address: needs.client(ctx.req), request: exchangeOf(ctx).id };
  const before = await needs.callers.session(ctx);
  const begun = await needs.signIn.signIn(name, password, from);
  // Who signs in anew is done with the session before.
  if (before !== undefined) await needs.signIn.end(before.cookie);
  exchangeOf(ctx).caller = begun.known.name;
  setCookie(ctx, needs, begun.cookie);
  return sessionView(
    ctx,
    needs,
    begun.known.name,
    isAdmin({ ...begun.known, address: "", request: "" }),
    begun.csrf,
  );
}

async function end({ ctx, needs, session }: WebRequest): Promise<undefined> {
  if (session !== undefined) await needs.signIn?.end(session.cookie);
  setCookie(ctx, needs, "");
}

async function sessionView(
  ctx: Context,
  needs: WebNeeds,
  name: string | undefined,
  admin: boolean,
  csrf: string,
): Promise<SessionView> {
  const { auth, version, containers } = needs;
  return {
    ...(name === undefined ? {} : { name }),
    admin,
    auth,
    csrf,
    version,
    host: hostOf(needs.origin(ctx.req)),
    engine: admin && containers !== undefined && (await containers.reachable()),
  };
}

/** A Host header can look like a name and be none. */
function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : origin.replace(/^https?:\/\//, "");
}

/** Until the browser ends, or the server ends the session. @param value empty: it is taken away */
function setCookie(ctx: Context, needs: WebNeeds, value: string): void {
  const origin = needs.origin(ctx.req);
  const parts = [`${sessionCookie(origin)}=${value}`, "Path=/", "HttpOnly", "SameSite=Strict"];
  if (origin.startsWith("https:")) parts.push("Secure");
  if (value === "") parts.push("Max-Age=0");
  ctx.set("Set-Cookie", parts.join("; "));
}
