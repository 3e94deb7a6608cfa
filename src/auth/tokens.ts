/**
 * Tokens: what is given out for credentials at the token endpoint, and what they are good for afterwards.
 * Owns claims, scopes and refreshing; who somebody is belongs to credentials, what is allowed to the policy.
 * proof → who → scopes within the policy → signed token | token → proof once → live account → caller.
 */
import type { Access } from "#core/access.ts";
import { anonymous, type Caller } from "#core/caller.ts";
import type { Live } from "#core/live.ts";
import type { Accounts } from "#core/metadata/accounts.ts";
import type { SigningKeys } from "#core/signing-keys.ts";
import type { Authenticated } from "./authenticated.ts";
import type { Credentials } from "./credentials.ts";
import { knownBySecret, type Known } from "./known.ts";
import { createRefreshTokens } from "./refresh-tokens.ts";
import { parseScopes } from "./scopes.ts";
import type { SignIn } from "./sign-in.ts";
import { createTokenIssue, type AccessToken } from "./token-issue.ts";
import { createTokenVerify } from "./token-verify.ts";
import type { Workloads } from "./workloads.ts";

export interface TokensParts {
  keys: SigningKeys;
  access: Access;
  credentials: Pick<Credentials, "live" | "liveHtpasswd">;
  signIn: SignIn;
  accounts: Pick<Accounts, "addSecret" | "secret" | "secrets" | "removeSecret">;
  workloads: Workloads | undefined;
  /** `service` of the challenge; issuer and audience of tokens. */
  service: string;
  /** ms. */
  lifetimes: Live<{ readonly lifetime: number; readonly refresh_lifetime: number }>;
  /** ms since the epoch. */
  clock: () => number;
}

/** How somebody proves who he is at the token endpoint. */
export type TokenProof =
  | { readonly kind: "none" }
  | { readonly kind: "password"; readonly name: string; readonly secret: string }
  | { readonly kind: "refresh"; readonly token: string }
  | { readonly kind: "workload"; readonly token: string };

export interface TokenRequest {
  readonly proof: TokenProof;
  /** As sent: each may hold several. */
  readonly scopes: readonly string[];
  /** Name of the client that wants a refresh token; undefined: it wants none. */
  readonly offline: string | undefined;
  /** Client address. */
  readonly address: string;
  /** Request id. */
  readonly request: string;
}

export interface IssuedToken extends AccessToken {
  /** Only when asked for, and only for an account that signed in with its password. */
  readonly refreshToken: string | undefined;
  /** Who got it; for the log. */
  readonly name: string;
}

export interface Tokens {
  /** Throws scope-invalid, unauthenticated, too-many-attempts, unavailable. */
  issue(request: TokenRequest): Promise<IssuedToken>;
  /** Whose access token it is. Throws unauthenticated. */
  verify(token: string): Promise<Known>;
  /** The JWK set of the keys that sign and have signed. */
  jwks(): ReturnType<SigningKeys["jwks"]>;
}

export function createTokens(parts: TokensParts): Tokens {
  const { keys, access, credentials, signIn, accounts, lifetimes, clock } = parts;
  const issue = createTokenIssue({ ...parts, keys, access, lifetime: () => lifetimes.current.lifetime });
  const refreshTokens = createRefreshTokens({
    accounts,
    credentials,
    lifetime: () => lifetimes.current.refresh_lifetime,
    clock,
  });

  async function whoProves({ proof, address, request }: TokenRequest): Promise<Authenticated | undefined> {
    const from = { address, request };
    switch (proof.kind) {
      case "none":
        return undefined;
      case "password":
        return signIn.password(proof.name, proof.secret, from);
      case "refresh":
        return refreshTokens.redeem(proof.token);
      case "workload":
        return signIn.workload(proof.token, from);
    }
  }

  return {
    verify: createTokenVerify(parts),
    jwks: () => keys.jwks(),
    async issue(request) {
      const scopes = parseScopes(request.scopes);
      const at = clock();
      const who = await whoProves(request);
      const from = { address: request.address, request: request.request };
      const caller: Caller =
        who === undefined ? { ...anonymous, ...from } : { ...knownBySecret(who), ...from };
      const token = await issue(who, caller, scopes, at);
      const refreshToken =
        who === undefined || request.offline === undefined || request.proof.kind !== "password"
          ? undefined
          : await refreshTokens.make(who, caller, request.offline, at);
      return { ...token, refreshToken, name: caller.name };
    },
  };
}
