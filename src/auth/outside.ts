import { asymmetric, peekJwt, verifyJwt } from "#kit/jwt.ts";
import { readAccess } from "./access-claims.ts";
import type { KeySource } from "./key-source.ts";
import type { Known } from "./known.ts";
import { badToken, createProvedTokens } from "./proved-tokens.ts";

export interface OutsideParts {
  /** `iss` that tokens must have. */
  issuer: string;
  /** `aud` that they must have: auth.service. */
  service: string;
  keys: KeySource;
  /** ms since the epoch. */
  clock: () => number;
}

const longestName = 256;

/**
 * Access tokens of another token server (mode `outside`): pinned issuer, audience and keys. What their
 * `access` claim grants is the whole authority. Throws unauthenticated; unavailable without its keys.
 */
export function createOutsideTokens({ issuer, service, keys, clock }: OutsideParts): {
  verify(token: string): Promise<Known>;
} {
  const verify = createProvedTokens<Known>(async (token, now) => {
    const peeked = peekJwt(token, asymmetric);
    if ("fault" in peeked) throw badToken(peeked.fault);
    // Before anything is fetched for it.
    if (peeked.issuer !== issuer) throw badToken("it is of another issuer");
    const candidates = await keys.candidates(peeked.kid);
    const proved = verifyJwt(token, candidates, { algorithms: asymmetric, issuer, audience: service, now });
    if ("fault" in proved) throw badToken(proved.fault);
    const { sub, access, exp } = proved.claims;
    const grants = readAccess(access);
    if (grants === undefined) throw badToken("its access claim can't be read");
    if (sub !== undefined && (typeof sub !== "string" || sub.length > longestName || /\p{Cc}/u.test(sub)))
      throw badToken("its subject can't be read");
    const named = sub !== undefined && sub !== "";
    const value: Known = {
      kind: "outside",
      id: named ? `outside:${sub}` : undefined,
      name: named ? sub : "anonymous",
      admin: false,
      groups: [],
      rights: [],
      grants,
      limits: undefined,
    };
    return { value, exp: exp as number };
  }, clock);
  return { verify };
}
