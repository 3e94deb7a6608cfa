import { AppError } from "#core/errors.ts";
import { clockSkew, longestJwt } from "#kit/jwt.ts";

/** What a token was found to say. */
export interface Proved<T> {
  readonly value: T;
  /** Seconds since the epoch. */
  readonly exp: number;
}

const mostKept = 10_000;
/** Longer tokens are rare, and would fill the memory. */
const longestKept = 4 * 1024;
/** Then the signature is checked again, ms: a key that was withdrawn ends its tokens. */
const proofLasts = 60_000;

/**
 * Proofs of tokens, kept by the token's text: one look-up instead of a signature check for each request.
 * Only good tokens are kept, and expiry is compared every time.
 * @param prove throws unauthenticated. @param clock ms since the epoch.
 */
export function createProvedTokens<T>(
  prove: (token: string, now: number) => Promise<Proved<T>>,
  clock: () => number,
): (token: string) => Promise<T> {
  const kept = new Map<string, Proved<T> & { readonly at: number }>();
  return async (token) => {
    const now = clock();
    const known = kept.get(token);
    if (known !== undefined) {
      if (now >= known.exp * 1000 + clockSkew) {
        kept.delete(token);
        throw badToken("it has expired");
      }
      // A clock that was set back proves nothing either.
      if (now >= known.at && now - known.at < proofLasts) return known.value;
      kept.delete(token);
    }
    if (token.length > longestJwt) throw badToken("it is too long");
    const proved = await prove(token, now);
    if (token.length <= longestKept) {
      kept.set(token, { ...proved, at: now });
      if (kept.size > mostKept) kept.delete(kept.keys().next().value ?? "");
    }
    return proved.value;
  };
}

/** @param fault a clause about the token: "it has expired". */
export function badToken(fault: string): AppError {
  return new AppError("unauthenticated", `the access token is not accepted: ${fault}; ask for a new one`);
}
