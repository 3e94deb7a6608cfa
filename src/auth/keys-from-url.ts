import { keysOfJwks, type VerifyKey } from "#kit/verify-key.ts";
import type { FetchJson } from "#kit/fetch-json.ts";
import { chooseKeys, type KeySource } from "./key-source.ts";
import { keysUnavailable } from "./keys-from-file.ts";

export interface KeysFromUrlParts {
  /** The JWKS itself, or (`discover`) an issuer whose discovery document names it. */
  url: string;
  discover: boolean;
  fetchJson: FetchJson;
  /** Told when a fetch fails; keys that were fetched before stay in use for an hour. */
  warn: (message: string) => void;
  /** ms since the epoch. */
  clock: () => number;
}

/** Fetched again after so long, ms, while the old keys are still used. */
const freshFor = 5 * 60_000;
/** Without a good answer for so long, ms, no key counts any more. */
const usableFor = 60 * 60_000;
/** Between two fetches, also for unknown key ids and after failures, ms. */
const pause = 30_000;

/** Keys of a JWKS address. One fetch at a time, whatever tokens come. */
export function createKeysFromUrl(parts: KeysFromUrlParts): KeySource {
  const { url, discover, fetchJson, warn, clock } = parts;
  let keys: readonly VerifyKey[] = [];
  let goodAt = -Infinity;
  let triedAt = -Infinity;
  let fetching: Promise<void> | undefined;

  async function fetchKeys(): Promise<void> {
    const address = discover ? await jwksAddress(url, fetchJson) : url;
    const found = keysOfJwks(await fetchJson(address));
    if (found === undefined || found.length === 0)
      throw new Error(`${address} has no JWK set with a public key that could check a token`);
    keys = found;
    goodAt = clock();
  }

  /** Undefined while it is too early for another fetch. */
  function refresh(): Promise<void> | undefined {
    const now = clock();
    if (fetching === undefined && (now - triedAt >= pause || now < triedAt)) {
      triedAt = now;
      fetching = fetchKeys()
        .catch((error: unknown) => warn(error instanceof Error ? error.message : String(error)))
        .finally(() => {
          fetching = undefined;
        });
    }
    return fetching;
  }

  return {
    async candidates(kid) {
      const age = clock() - goodAt;
      if (age >= usableFor || age < 0) await refresh();
      else if (age >= freshFor) void refresh();
      let chosen = chooseKeys(keys, kid);
      if (chosen.length === 0 && keys.length > 0) {
        await refresh();
        chosen = chooseKeys(keys, kid);
      }
      if (clock() - goodAt >= usableFor) throw keysUnavailable();
      return chosen;
    },
  };
}

/** OpenID Connect Discovery 1.0 section 4; the document must speak for this very issuer. */
async function jwksAddress(issuer: string, fetchJson: FetchJson): Promise<string> {
  const where = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const document = (await fetchJson(where)) as { issuer?: unknown; jwks_uri?: unknown } | null;
  if (document?.issuer !== issuer) throw new Error(`${where} speaks for another issuer than ${issuer}`);
  const { jwks_uri: address } = document;
  if (typeof address !== "string" || !/^https?:\/\//.test(address))
    throw new Error(`${where} names no jwks_uri`);
  // Keys that came unprotected would be as good as nobody's.
  if (issuer.startsWith("https:") && !address.startsWith("https:"))
    throw new Error(`${where} names a jwks_uri without https`);
  return address;
}
