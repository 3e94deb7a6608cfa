/**
 * Who asks on the paths below /api/v1: by the Authorization header, as everywhere; else by the cookie of the web page's
 * session, which counts nowhere else. What a browser can be made to send by somebody else's page changes nothing here.
 */
import type { Context } from "koa";
import type { Caller } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import { sameText } from "#kit/secrets.ts";
import { absoluteOrigin } from "./absolute-origin.ts";
import { exchangeOf } from "./exchange.ts";
import type { Guard, Known } from "./guard.ts";
import type { Origins } from "./origin.ts";
import { fromSameOrigin, namesThisServer } from "./same-origin.ts";

/**
 * Name of the cookie. Over https one that no other host of the domain, and no page over http, can set for this one
 * (RFC 6265bis, "__Host-"): nobody is signed in unawares to somebody else's session.
 */
export function sessionCookie(origin: string): string {
  return origin.startsWith("https:") ? "__Host-berth_session" : "berth_session";
}

/** What changes bring along as X-CSRF-Token where nobody is signed in: no other page's form can send a header. */
export const nobodysCsrf = "open";

export interface Asking {
  caller: Caller;
  /** The session of the cookie; undefined: it isn't what the request counts on. */
  session: { cookie: string; csrf: string } | undefined;
}

export interface ApiCallers {
  /**
   * Throws unauthenticated for credentials that are no good and for changes of a session that ended; denied for
   * changes that may be somebody else's doing, and where auth is off for names that may be.
   */
  identify(ctx: Context): Promise<Asking>;
  /** As `identify`, for people with accounts alone: throws unauthenticated for anonymous ones. */
  identifyPerson(ctx: Context): Promise<Caller>;
  /** Throws denied unless a page of this origin asks, or no browser. */
  refuseOtherOrigins(ctx: Context): void;
  /** The session that the cookie names. @param use "unused": it lasts no longer for that */
  session(ctx: Context, use?: "unused"): Promise<{ cookie: string; csrf: string; known: Known } | undefined>;
}

export interface ApiCallersParts {
  guard: Pick<Guard, "identify" | "challenge">;
  origins: Origins;
  /** Whether auth is off. */
  open: boolean;
  externalUrl: string | undefined;
  /** Undefined: there are none. */
  sessions:
    { find(cookie: string, use?: "unused"): Promise<{ known: Known; csrf: string } | undefined> } | undefined;
}

export function createApiCallers(parts: ApiCallersParts): ApiCallers {
  const { guard, origins, open, externalUrl, sessions } = parts;

  function refuseOtherOrigins(ctx: Context): void {
    if (open && !namesThisServer(ctx.req, externalUrl))
      throw new AppError(
        "denied",
        "auth is off, and this name may be anybody's: ask by the address, or set external_url to the name",
      );
    refuseOthersChanges(ctx);
  }

  function refuseOthersChanges(ctx: Context): void {
    if (isChange(ctx) && !fromSameOrigin(ctx.req, absoluteOrigin(ctx.req, origins)))
      throw new AppError("denied", "a page of another origin asks for this change: it is refused");
  }

  const cookieIn = ({ req }: Context) =>
    cookieOf(req.headers.cookie, sessionCookie(absoluteOrigin(req, origins)));

  async function session(ctx: Context, use?: "unused") {
    const cookie = cookieIn(ctx);
    if (cookie === undefined) return undefined;
    const found = await sessions?.find(cookie, use);
    return found && { cookie, ...found };
  }

  /** @returns what a change must bring along as well; undefined: nothing, it brought credentials itself. */
  async function asking(ctx: Context): Promise<Asking & { csrf: string | undefined }> {
    const explicit = ctx.req.headers.authorization !== undefined;
    if (open || explicit || cookieIn(ctx) === undefined) {
      const caller = await guard.identify(ctx, undefined);
      return { caller, session: undefined, csrf: explicit && !open ? undefined : nobodysCsrf };
    }
    const found = await session(ctx);
    if (found === undefined) {
      if (isChange(ctx)) throw unauthenticated(ctx, "the session has ended: sign in again");
      return { caller: await guard.identify(ctx, undefined), session: undefined, csrf: nobodysCsrf };
    }
    const { cookie, csrf, known } = found;
    exchangeOf(ctx).caller = known.name;
    const caller = { ...known, address: origins.client(ctx.req), request: exchangeOf(ctx).id };
    return { caller, session: { cookie, csrf }, csrf };
  }

  /** Whether whoever asks means it: a page of this origin that knows the session's secret. */
  function checkMeant(ctx: Context, csrf: string | undefined): void {
    if (csrf === undefined) {
      // A browser sends along the password that a proxy in front asked for, whoever's page it is.
      refuseOthersChanges(ctx);
      return;
    }
    refuseOtherOrigins(ctx);
    if (!isChange(ctx)) return;
    const given = ctx.req.headers["x-csrf-token"];
    if (typeof given !== "string" || !sameText(given, csrf))
      throw new AppError("denied", "X-CSRF-Token isn't that of the session: load the page again");
  }

  function unauthenticated(ctx: Context, message: string): AppError {
    guard.challenge(ctx, undefined);
    return new AppError("unauthenticated", message);
  }

  return {
    refuseOtherOrigins,
    session,
    async identify(ctx) {
      const { csrf, ...found } = await asking(ctx);
      checkMeant(ctx, csrf);
      return found;
    },
    async identifyPerson(ctx) {
      const { caller, csrf } = await asking(ctx);
      if (caller.kind === "anonymous")
        throw unauthenticated(ctx, "signing in with name and password is required here");
      checkMeant(ctx, csrf);
      return caller;
    },
  };
}

function isChange({ method }: Context): boolean {
  return method !== "GET" && method !== "HEAD";
}

/** RFC 6265 section 4.2. */
function cookieOf(header: string | undefined, wanted: string): string | undefined {
  for (const pair of header?.split(";") ?? []) {
    const [name = "", value] = pair.split("=", 2);
    if (name.trim() === wanted && value !== undefined) return value.trim();
  }
  return undefined;
}
