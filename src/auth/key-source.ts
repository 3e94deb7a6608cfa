import type { VerifyKey } from "#kit/verify-key.ts";

/** Where the keys of another issuer are found. What the configuration pins, never what a token says. */
export interface KeySource {
  /** Keys that may have signed a token with this key id. Throws unavailable when they can't be got. */
  candidates(kid: string | undefined): Promise<readonly VerifyKey[]>;
}

/**
 * Keys that the id means. An id that none has may still mean one of those whose owner gave them no id
 * (certificates, sets without `kid`); without an id it may be any.
 */
export function chooseKeys(keys: readonly VerifyKey[], kid: string | undefined): readonly VerifyKey[] {
  if (kid === undefined) return keys;
  const named = keys.filter(({ ids }) => ids.includes(kid));
  return named.length > 0 ? named : keys.filter((key) => key.kid === undefined);
}
