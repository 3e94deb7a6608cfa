import * as argon2 from "@node-rs/argon2";

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

/** Whether a verifier knows the format of a hash: argon2id, bcrypt `$2a$`, `$2b$`, `$2y$`. */
export function isPasswordHash(hash: string): boolean {
  return argon2id.test(hash) || bcryptFormat.test(hash);
}
