import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 random bits: 43 characters of base64url. */
const secretBytes = 32;

/** A new secret with 256 random bits behind its prefix, e.g. `bpt_…`. Show it once, keep its hash. */
export function newSecret(prefix: string): string {
  return prefix + randomBytes(secretBytes).toString("base64url");
}

/** SHA-256 of a secret, hex. Quick on purpose: there is nothing to guess in 256 random bits. */
export function hashSecret(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Compares in a time that depends on neither content; texts of any lengths. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(left as Buffer, right as Buffer);
}

/**
 * A function that makes one short text of several, by a key that only this process has and forgets with it:
 * what is remembered by it tells nothing about a password to whoever reads the memory's keys.
 */
export function createFingerprint(): (...parts: readonly string[]) => string {
  const key = randomBytes(32);
  return (...parts) => createHmac("sha256", key).update(JSON.stringify(parts)).digest("base64");
}
