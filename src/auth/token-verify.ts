import { anonymous, type Identity } from "#core/caller.ts";
import type { SigningKeys } from "#core/signing-keys.ts";
import { peekJwt } from "#kit/jwt.ts";
import type { Credentials } from "./credentials.ts";
import type { Known } from "./known.ts";
import { badToken, createProvedTokens } from "./proved-tokens.ts";
import { readClaims, type TokenContent } from "./token-claims.ts";
import type { Workloads } from "./workloads.ts";

export interface TokenVerifyParts {
  keys: SigningKeys;
  /** `iss` and `aud` that tokens must have. */
  service: string;
  credentials: Pick<Credentials, "live" | "liveHtpasswd">;
  workloads: Workloads | undefined;
  /** ms since the epoch. */
  clock: () => number;
}

/**
 * Checks access tokens of ours: the signature once a minute, expiry and whether its account, secret and
 * provider still stand for every request. Throws unauthenticated.
 */
export function createTokenVerify(parts: TokenVerifyParts): (token: string) => Promise<Known> {
  const { keys, service, credentials, workloads, clock } = parts;

  const contentOf = createProvedTokens<TokenContent>(async (token, now) => {
    const peeked = peekJwt(token, ["ES256"]);
    if ("fault" in peeked) throw badToken(peeked.fault);
    const key = peeked.kid === undefined ? undefined : await keys.verifying(peeked.kid);
    if (key === undefined) throw badToken("its key is not one of this registry");
    const proved = key.verify(token, { issuer: service, audience: service, now });
    if ("fault" in proved) throw badToken(proved.fault);
    const value = readClaims(proved.claims);
    if (value === undefined) throw badToken("its claims can't be read");
    return { value, exp: value.exp };
  }, clock);

  async function liveIdentity({ name, origin }: TokenContent): Promise<Identity | undefined> {
    const { kind, id, uid, sid, groups, at } = origin;
    if (kind === "workload") {
      if (workloads?.knows(name) !== true) return undefined;
      return { kind, id, name, admin: false, groups, rights: [] };
    }
    const live = await (uid === undefined ? credentials.liveHtpasswd(name) : credentials.live(uid, sid, at));
    return live?.id === id ? live : undefined;
  }

  return async (token) => {
    const content = await contentOf(token);
    const { origin, grants } = content;
    if (origin.kind === "anonymous") return { ...anonymous, grants };
    const identity = await liveIdentity(content);
    if (identity === undefined) throw badToken("it was revoked, or its account was changed");
    return { ...identity, grants, limits: origin.limits };
  };
}
