import { createHash, type Hash } from "node:crypto";

/** `algorithm:encoded`, checked. image-spec descriptor.md "Digests". */
export type Digest = string & { readonly __digest: true };

/** The registered algorithms that Berth verifies. */
export type Algorithm = "sha256" | "sha512";

const hexLength: Record<Algorithm, number> = { sha256: 64, sha512: 128 };
const lowerHex = /^[a-f0-9]+$/;

export function isAlgorithm(text: string): text is Algorithm {
  return text === "sha256" || text === "sha512";
}

/** The digest in `text`, or undefined: unknown algorithm, wrong length, upper-case hex. */
export function parseDigest(text: string): Digest | undefined {
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  const algorithm = text.slice(0, colon);
  if (!isAlgorithm(algorithm)) return undefined;
  if (text.length - colon - 1 !== hexLength[algorithm]) return undefined;
  return lowerHex.test(text.slice(colon + 1)) ? (text as Digest) : undefined;
}

export function algorithmOf(digest: Digest): Algorithm {
  return digest.startsWith("sha512:") ? "sha512" : "sha256";
}

/** The part after the colon: lower-case hex, safe as a file name. */
export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(":") + 1);
}

export function hasher(algorithm: Algorithm): Hash {
  return createHash(algorithm);
}

/** What `hash` has seen so far; the hash can go on. */
export function digestSoFar(algorithm: Algorithm, hash: Hash): Digest {
  return `${algorithm}:${hash.copy().digest("hex")}` as Digest;
}

export function digestOf(algorithm: Algorithm, bytes: Uint8Array): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}` as Digest;
}
