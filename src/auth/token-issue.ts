import type { Access } from "#core/access.ts";
import type { Caller } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import type { SigningKeys } from "#core/signing-keys.ts";
import { longestJwt } from "#kit/jwt.ts";
import { uuid } from "#kit/uuid.ts";
import type { Authenticated } from "./authenticated.ts";
import { grant, scopeText } from "./grant.ts";
import type { Scope } from "./scopes.ts";
import { originOf } from "./token-claims.ts";

export interface TokenIssueParts {
  keys: SigningKeys;
  access: Access;
  /** `iss` and `aud` of every token. */
  service: string;
  /** Of access tokens, ms. */
  lifetime: () => number;
  /** ms since the epoch. */
  clock: () => number;
}

export interface AccessToken {
  readonly token: string;
  /** Seconds that it is good for. */
  readonly expiresIn: number;
  /** ms since the epoch. */
  readonly issuedAt: number;
  /** What it grants, as a scope string; may be empty. */
  readonly scope: string;
}

/**
 * Makes access tokens: what of the scopes the policy allows this caller, signed by the newest key.
 * Throws scope-invalid for more than one token holds.
 * @param at when the credential was proved, ms: tokens of before a revocation never come after it.
 */
export function createTokenIssue({ keys, access, service, lifetime, clock }: TokenIssueParts) {
  return async (
    who: Authenticated | undefined,
    caller: Caller,
    scopes: readonly Scope[],
    at: number,
  ): Promise<AccessToken> => {
    const key = await keys.current();
    const granted = grant(access, caller, scopes);
    const now = clock();
    const issued = Math.floor(now / 1000);
    const expiresIn = Math.max(1, Math.floor(lifetime() / 1000));
    const token = key.sign({
      iss: service,
      sub: who?.identity.name ?? "",
      aud: service,
      exp: issued + expiresIn,
      nbf: issued,
      iat: issued,
      jti: uuid(),
      access: granted,
      berth: originOf(who, at),
    });
    // Nobody could use it: not here, and hardly through a proxy.
    if (token.length > longestJwt)
      throw new AppError("scope-invalid", "these scopes make the token too long: ask for several tokens");
    return { token, expiresIn, issuedAt: issued * 1000, scope: scopeText(granted) };
  };
}
