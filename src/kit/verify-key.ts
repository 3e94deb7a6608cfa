import { createPublicKey, type JsonWebKeyInput, type KeyObject, X509Certificate } from "node:crypto";
import { libtrustId, thumbprint } from "./keys.ts";

/** A public key that signatures of others are checked with. */
export interface VerifyKey {
  /** A Node `KeyObject`, public and asymmetric; only kit looks inside. */
  readonly key: KeyObject;
  /** The id that its owner gave it. */
  readonly kid: string | undefined;
  /** All ids that a token may call it by: the owner's, RFC 7638, libtrust's. */
  readonly ids: readonly string[];
  /** The one algorithm it is for, when its owner says so. */
  readonly alg: string | undefined;
}

/** More keys than any honest issuer has. */
const mostKeys = 100;
const leastRsaBits = 2048;

/**
 * Keys of a JWK set (RFC 7517) that can check signatures. Left out: symmetric keys (an issuer's HMAC secret
 * must never stand in for its public key), keys for encryption, RSA below 2,048 bits, and what can't be read.
 * Undefined: it is no JWK set.
 */
export function keysOfJwks(document: unknown): VerifyKey[] | undefined {
  const keys = (document as { keys?: unknown } | null | undefined)?.keys;
  if (!Array.isArray(keys)) return undefined;
  return keys.slice(0, mostKeys).flatMap((jwk: unknown) => keyOfJwk(jwk) ?? []);
}

function keyOfJwk(jwk: unknown): VerifyKey | undefined {
  if (typeof jwk !== "object" || jwk === null) return undefined;
  const { kty, use, kid, alg, key_ops: operations } = jwk as Record<string, unknown>;
  if (kty !== "EC" && kty !== "RSA" && kty !== "OKP") return undefined;
  if (use !== undefined && use !== "sig") return undefined;
  if (Array.isArray(operations) && !operations.includes("verify")) return undefined;
  try {
    const key = createPublicKey({ key: jwk, format: "jwk" } as JsonWebKeyInput);
    return verifyKey(
      key,
      typeof kid === "string" ? kid : undefined,
      typeof alg === "string" ? alg : undefined,
    );
  } catch {
    return undefined;
  }
}

/** Keys of a PEM bundle: certificates and plain public keys. Empty when there is none to be read. */
export function keysOfPem(bundle: string): VerifyKey[] {
  const blocks = bundle.match(/-----BEGIN (CERTIFICATE|PUBLIC KEY)-----[^-]*-----END \1-----/g) ?? [];
  return blocks.slice(0, mostKeys).flatMap((block) => {
    try {
      const key = block.startsWith("-----BEGIN CERT")
        ? new X509Certificate(block).publicKey
        : createPublicKey(block);
      return verifyKey(key, undefined, undefined) ?? [];
    } catch {
      return [];
    }
  });
}

/** Undefined for keys that are too weak or of a kind that signs nothing here. */
export function verifyKey(
  key: KeyObject,
  kid: string | undefined,
  alg: string | undefined,
): VerifyKey | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type !== "ec" && type !== "rsa" && type !== "ed25519") return undefined;
  if (type === "rsa" && (details?.modulusLength ?? 0) < leastRsaBits) return undefined;
  return { key, kid, ids: [...(kid === undefined ? [] : [kid]), thumbprint(key), libtrustId(key)], alg };
}
