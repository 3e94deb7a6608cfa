import * as argon2 from "@node-rs/argon2";
import * as bcrypt from "@node-rs/bcrypt";

/** Argon2id with 19 MiB, two passes, one lane: what OWASP asks for at least. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const argon2id = /^\$argon2id\$v=19\$m=\d{1,7},t=\d{1,3},p=\d{1,3}\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}$/;
const bcryptFormat = /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/;

/** Nobody's password; checking against it costs what checking one that `hashPassword` made costs. */
export const nobodysHash =
  "$argon2id$v=19$m=19456,t=2,p=1$VGhlcmVJc05vU3VjaFVzcg$xVXnJD6Ldi+1ZXGZTjmd9J0eJVcXQy0MmwqAzyYWp4M";

/** Hashes a password with argon2id and a random salt, in Node's thread pool; a PHC string. */
export function hashPassword(password: string): Promise<string> {
  return argon2.hash(password, cost);
}

/** Whether `verifyPassword` knows the format of a hash: argon2id, bcrypt `$2a$`, `$2b$`, `$2y$`. */
export function isPasswordHash(hash: string): boolean {
  return argon2id.test(hash) || bcryptFormat.test(hash);
}

/**
 * Whether a password is the hashed one, in Node's thread pool. bcrypt looks at the first 72 bytes only.
 * Throws an error for a hash of an unknown format, which it doesn't repeat.
 */
export async function verifyPassword(hash: string, password: string): Promise<boolean> {
  if (argon2id.test(hash)) return argon2.verify(hash, password);
  if (bcryptFormat.test(hash)) return bcrypt.verify(password, hash);
  throw new Error("this password hash is neither argon2id nor bcrypt ($2a$, $2b$, $2y$)");
}
