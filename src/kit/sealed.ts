/**
 * Small secrets that are kept where others may look: AES-256-GCM under a key of its own for each, derived from
 * a master secret by HKDF-SHA256 (RFC 5869). Sealed: version (1 byte), salt (32), nonce (12), tag (16), the rest.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

export interface SealParts {
  /** The master secret: random, at least 32 bytes of entropy. */
  readonly secret: string;
  /** What the sealed things are for; others can't be opened in their place. */
  readonly use: string;
  /** Which of them it is: it can't be opened under the name of another. */
  readonly id: string;
}

const version = 1;
const saltBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + saltBytes + nonceBytes + tagBytes;
const algorithm = "aes-256-gcm";

/** Different each time. */
export function seal(plain: string, parts: SealParts): Uint8Array {
  const salt = randomBytes(saltBytes);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, keyOf(parts, salt), nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(parts.id));
  const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return Buffer.concat([Uint8Array.of(version), salt, nonce, cipher.getAuthTag(), body]);
}

/** What was sealed; undefined with another secret, use or id, and when a byte of it was changed. */
export function unseal(sealed: Uint8Array, parts: SealParts): string | undefined {
  if (sealed[0] !== version || sealed.length < headBytes) return undefined;
  let at = 1;
  const next = (length: number) => sealed.subarray(at, (at += length));
  const [salt, nonce, tag] = [next(saltBytes), next(nonceBytes), next(tagBytes)];
  try {
    const decipher = createDecipheriv(algorithm, keyOf(parts, salt), nonce, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(parts.id));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(headBytes)), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}

function keyOf({ secret, use }: SealParts, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, salt, use, 32));
}
