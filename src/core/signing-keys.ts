/**
 * The keys that access tokens are signed with, in the order of their making. All processes see the same
 * set, each a little later than the one that made a key.
 */
export interface SigningKeys {
  /** The key to sign with now. Throws unavailable when there is none. */
  current(): Promise<SigningKey>;
  /** The public key with this id, also one that signs no more; undefined: none of ours. */
  verifying(kid: string): Promise<VerifyingKey | undefined>;
  /** The JWK set (RFC 7517) of all of them. */
  jwks(): Promise<{ readonly keys: readonly Readonly<Record<string, string>>[] }>;
}

export interface SigningKey {
  readonly kid: string;
  /** Signs claims (times in seconds) as a compact ES256 token that names the key. */
  sign(claims: Readonly<Record<string, unknown>>): string;
}

/** Checks one token against one key. */
export interface VerifyingKey {
  readonly kid: string;
  /** The claims, or why the token isn't good at `now` (ms). */
  verify(
    token: string,
    rules: { readonly issuer: string; readonly audience: string; readonly now: number },
  ): { readonly claims: Readonly<Record<string, unknown>> } | { readonly fault: string };
}
