/**
 * JSON Web Tokens (RFC 7519) and nothing about who trusts whom: the only importer of jsonwebtoken.
 * Which algorithms and keys count comes from the caller; what a token says about its own key
 * (`jwk`, `jku`, `x5u`, `x5c`) is never looked at.
 */
import { verify as verifySignature, type KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";
import type { EcKeyPair } from "./keys.ts";
import type { VerifyKey } from "./verify-key.ts";

export type Algorithm =
  "ES256" | "ES384" | "ES512" | "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "EdDSA";

/** All that need a public key to check: no `none`, no HMAC. */
export const asymmetric: readonly Algorithm[] = [
  "ES256",
  "ES384",
  "ES512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "EdDSA",
];

/** What a token says before anything of it is proved. */
export interface UnprovedJwt {
  readonly alg: Algorithm;
  readonly kid: string | undefined;
  readonly issuer: string | undefined;
}

export type Claims = Readonly<Record<string, unknown>>;

export interface JwtRules {
  readonly algorithms: readonly Algorithm[];
  readonly issuer: string;
  /** Must be `aud`, or one of them. */
  readonly audience: string;
  /** ms since the epoch. */
  readonly now: number;
}

/** Longest token, characters. */
export const longestJwt = 16 * 1024;
/** How far clocks may differ, ms. */
export const clockSkew = 60_000;
// Each try costs a signature check.
const mostTries = 16;

const compact = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** A signed token: ES256, with the key's id. @param claims with their times in seconds; `iat` is added when it is missing. */
export function signJwt(claims: Claims, { kid, privateKey }: Pick<EcKeyPair, "kid" | "privateKey">): string {
  return jwt.sign(claims, privateKey, { algorithm: "ES256", keyid: kid });
}

/** Whether it has the form of a token; people's passwords don't. */
export function looksLikeJwt(text: string): boolean {
  return text.startsWith("eyJ") && text.length <= longestJwt && compact.test(text);
}

/** What is needed to find the key, or why the token can't be good whatever the key. */
export function peekJwt(token: string, algorithms: readonly Algorithm[]): UnprovedJwt | { fault: string } {
  if (token.length > longestJwt) return { fault: `it is longer than ${longestJwt} characters` };
  if (!compact.test(token)) return { fault: "it is not a signed token" };
  const [head = "", body = ""] = token.split(".", 2);
  const header = objectIn(head);
  const payload = objectIn(body);
  if (header === undefined || payload === undefined) return { fault: "it can't be read" };
  const alg = algorithms.find((one) => one === header.alg);
  if (alg === undefined) return { fault: "its algorithm is not accepted" };
  // RFC 7515 section 4.1.11: what is critical and unknown (all of it here) makes the token unusable.
  if ("crit" in header) return { fault: "it needs extensions that are not known" };
  const { kid } = header;
  const { iss } = payload;
  return {
    alg,
    kid: typeof kid === "string" ? kid : undefined,
    issuer: typeof iss === "string" ? iss : undefined,
  };
}

/** The claims of a token that one of the keys signed and that is good now, or why it isn't. */
export function verifyJwt(
  token: string,
  keys: readonly VerifyKey[],
  rules: JwtRules,
): { claims: Claims } | { fault: string } {
  const peeked = peekJwt(token, rules.algorithms);
  if ("fault" in peeked) return peeked;
  const fitting = keys.filter((key) => fits(peeked.alg, key)).slice(0, mostTries);
  if (fitting.length === 0) return { fault: "no known key fits it" };
  if (!fitting.some(({ key }) => signed(token, peeked.alg, key)))
    return { fault: "its signature is not by a known key" };
  const claims = objectIn(token.split(".", 2)[1] ?? "") ?? {};
  const fault = claimsFault(claims, rules);
  return fault === undefined ? { claims } : { fault };
}

/** Whether a token is good at this time; `exp`, `nbf` and `iat` are seconds. Undefined: it is. */
export function timeFault({ exp, nbf, iat }: Claims, now: number): string | undefined {
  if (typeof exp !== "number") return "it has no expiry";
  if (now >= exp * 1000 + clockSkew) return "it has expired";
  for (const from of [nbf, iat])
    if (from !== undefined && !(typeof from === "number" && from * 1000 <= now + clockSkew))
      return "it is not valid yet";
  return undefined;
}

function claimsFault(claims: Claims, { issuer, audience, now }: JwtRules): string | undefined {
  const { iss, aud } = claims;
  if (iss !== issuer) return "it is of another issuer";
  if (aud !== audience && !(Array.isArray(aud) && aud.includes(audience))) return "it is for another service";
  return timeFault(claims, now);
}

const curves: Partial<Record<Algorithm, string>> = {
  ES256: "prime256v1",
  ES384: "secp384r1",
  ES512: "secp521r1",
};

/** The token's word for its algorithm counts only for a key that is made for it. */
function fits(algorithm: Algorithm, { key, alg }: VerifyKey): boolean {
  if (key.type !== "public" || (alg !== undefined && alg !== algorithm)) return false;
  switch (key.asymmetricKeyType) {
    case "ec":
      return curves[algorithm] !== undefined && key.asymmetricKeyDetails?.namedCurve === curves[algorithm];
    case "rsa":
      return algorithm.startsWith("RS") || algorithm.startsWith("PS");
    case "ed25519":
      return algorithm === "EdDSA";
    default:
      return false;
  }
}

function signed(token: string, algorithm: Algorithm, key: KeyObject): boolean {
  try {
    if (algorithm === "EdDSA") {
      // RFC 8037; jsonwebtoken doesn't know it.
      const dot = token.lastIndexOf(".");
      const signature = Buffer.from(token.slice(dot + 1), "base64url");
      return verifySignature(null, Buffer.from(token.slice(0, dot)), key, signature);
    }
    // Times are judged by our own clock, in claimsFault.
    jwt.verify(token, key, { algorithms: [algorithm], ignoreExpiration: true, ignoreNotBefore: true });
    return true;
  } catch {
    return false;
  }
}

function objectIn(part: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
