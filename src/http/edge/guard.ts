/**
 * The guard: turns a request's credentials into a Caller and asks the policy, for every door. Owns the
 * challenge; knows no passwords and no rules. Authorization → credentials | tokens → Caller → Access.
 */
import type { Context } from "koa";
import type { Access } from "#core/access.ts";
import { actorOf, type AuditActor, type AuditReads } from "#core/audit.ts";
import { anonymous, open, type Action, type Caller } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { absoluteOrigin } from "./absolute-origin.ts";
import { exchangeOf } from "./exchange.ts";
import type { Origins } from "./origin.ts";
import { parseBasic } from "./basic.ts";

/** Who a credential belongs to, before it is known from where it came. */
export type Known = Omit<Caller, "address" | "request">;

export interface GuardParts {
  /** Undefined: auth is off, everybody may do everything. */
  auth: AuthParts | undefined;
  access: Access;
  origins: Origins;
  /** Whether changes are to be audited. */
  audit: boolean;
  reads: AuditReads | undefined;
}

export interface AuthParts {
  /** Name and secret; throws unauthenticated, too-many-attempts. Undefined: an outside server has the accounts. */
  basic:
    | ((name: string, secret: string, from: { address: string; request: string }) => Promise<Known>)
    | undefined;
  /** An access token; throws unauthenticated. */
  bearer: (token: string) => Promise<Known>;
  service: string;
  /** Address of the token endpoint; undefined: /token of the origin that the client used. */
  realm: string | undefined;
}

export interface Guard {
  /**
   * Who asks. Throws unauthenticated (with the challenge already set) for credentials that are no good,
   * too-many-attempts. @param scope what a token for this request must be good for, as the challenge says it.
   */
  identify(ctx: Context, scope: string | undefined): Promise<Caller>;
  /**
   * Passes when one of the actions is allowed, and says who is behind the change, for the audit log, events and owners.
   * Throws unauthenticated when other credentials might help, else denied.
   */
  permit(
    ctx: Context,
    caller: Caller,
    repository: RepositoryName,
    actions: readonly Action[],
    scope: string,
  ): AuditActor;
  /** Throws unauthenticated, denied for who may not read the metrics; knows the caller itself. */
  readsMetrics(ctx: Context): Promise<void>;
  /** As `identify`, for doors that are for people with accounts only: throws unauthenticated for anonymous ones. */
  identifyPerson(ctx: Context): Promise<Caller>;
  /** Throws unauthenticated for whoever has brought no credentials at all; for /v2/ itself. */
  signedIn(ctx: Context, caller: Caller): void;
  /**
   * The caller as the catalog's filter takes it: a token's scope `registry:catalog:*` shows whatever the
   * policy lets its owner read. Throws unauthenticated without that scope, or without any credentials.
   */
  catalogReader(ctx: Context, caller: Caller): Caller;
  /** Sets the one challenge. */
  challenge(ctx: Context, scope: string | undefined, error?: "invalid_token" | "insufficient_scope"): void;
}

export function createGuard({ auth, access, origins, audit, reads }: GuardParts): Guard {
  function challenge(ctx: Context, scope: string | undefined, error?: string): void {
    if (auth === undefined) return;
    const parts = [
      `realm="${auth.realm ?? `${absoluteOrigin(ctx.req, origins)}/token`}"`,
      `service="${auth.service}"`,
    ];
    if (scope !== undefined) parts.push(`scope="${scope}"`);
    if (error !== undefined) parts.push(`error="${error}"`);
    ctx.set("WWW-Authenticate", `Bearer ${parts.join()}`);
  }

  async function known(
    parts: AuthParts,
    authorization: string,
    from: { address: string; request: string },
  ): Promise<Known> {
    const [, scheme = "", value = ""] = /^([A-Za-z]+) +(\S+) *$/.exec(authorization) ?? [];
    if (scheme.toLowerCase() === "bearer") return parts.bearer(value);
    const basic = scheme.toLowerCase() === "basic" ? parseBasic(value) : undefined;
    if (basic !== undefined && parts.basic !== undefined) return parts.basic(basic.name, basic.secret, from);
    throw new AppError(
      "unauthenticated",
      "the Authorization header has neither a token nor a name and password",
    );
  }

  async function identify(ctx: Context, scope: string | undefined): Promise<Caller> {
    const address = origins.client(ctx.req);
    const request = exchangeOf(ctx).id;
    if (auth === undefined) return { ...open, address, request };
    const { authorization } = ctx.req.headers;
    if (authorization === undefined) return { ...anonymous, address, request };
    try {
      const from = { address, request };
      const caller = { ...(await known(auth, authorization, from)), ...from };
      exchangeOf(ctx).caller = caller.name;
      return caller;
    } catch (error) {
      if (error instanceof AppError && error.code === "unauthenticated")
        challenge(ctx, scope, /^bearer/i.test(authorization) ? "invalid_token" : undefined);
      throw error;
    }
  }

  async function identifyPerson(ctx: Context): Promise<Caller> {
    const caller = await identify(ctx, undefined);
    if (caller.kind !== "anonymous") return caller;
    challenge(ctx, undefined);
    throw new AppError("unauthenticated", "signing in with name and password is required here");
  }

  return {
    challenge,
    identify,
    identifyPerson,

    async readsMetrics(ctx) {
      if (access.readsMetrics(await identify(ctx, undefined))) return;
      const caller = await identifyPerson(ctx);
      throw new AppError("denied", `${caller.name} may not read the metrics: see policy.metrics`);
    },

    permit(ctx, caller, repository, actions, scope) {
      for (const action of actions) {
        const decision = access.decide(caller, repository, action);
        if (!decision.allowed) continue;
        const actor = actorOf(caller, decision.rule);
        return audit ? actor : { ...actor, unrecorded: true };
      }
      // What the policy says of the caller himself, whatever his token was asked for.
      const himself = actions.map((action) =>
        access.decide({ ...caller, grants: undefined }, repository, action),
      );
      const tokenTooNarrow =
        caller.grants !== undefined && (caller.kind === "outside" || himself.some(({ allowed }) => allowed));
      if (caller.kind === "anonymous" || tokenTooNarrow) {
        challenge(ctx, scope, caller.grants === undefined ? undefined : "insufficient_scope");
        throw new AppError(
          "unauthenticated",
          caller.kind === "anonymous"
            ? `signing in is required for ${repository}: docker login`
            : `the access token is not good for ${scope}: ask the token server for one that is`,
        );
      }
      const rule = himself[0]?.rule ?? "";
      reads?.note({ ...actorOf(caller, rule), action: "denied", repository, subject: actions[0] });
      throw new AppError("denied", `${caller.name} may not ${wordsOf(actions)} ${repository}`, {
        subject: repository,
      });
    },

    catalogReader(ctx, caller) {
      const { kind, grants } = caller;
      if (kind === "open" || (kind !== "anonymous" && grants === undefined)) return caller;
      const may = grants?.some(
        ({ type, name, actions }) => type === "registry" && name === "catalog" && actions.includes("*"),
      );
      if (may === true)
        return kind === "outside" ? { ...caller, kind: "open" } : { ...caller, grants: undefined };
      challenge(ctx, "registry:catalog:*", grants === undefined ? undefined : "insufficient_scope");
      throw new AppError("unauthenticated", "listing the catalog takes a token for registry:catalog:*");
    },

    signedIn(ctx, caller) {
      // A token, even an anonymous one, shows that the client knows the way to the token server.
      if (caller.kind !== "anonymous" || caller.grants !== undefined) return;
      challenge(ctx, undefined);
      throw new AppError("unauthenticated", "signing in is required: docker login");
    },
  };
}

function wordsOf(actions: readonly Action[]): string {
  const words = { pull: "pull from", push: "push to", overwrite: "move tags of", delete: "delete from" };
  return words[actions[0] ?? "pull"];
}
