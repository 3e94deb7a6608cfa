/**
 * Signing keys as PEM files of one folder, `TIME-KID.pem` (ms since the epoch, RFC 7638 thumbprint), 0600.
 * Every process reads them; only the keeper makes and removes them (rotate.ts). The newest signs.
 */
import { AppError } from "#core/errors.ts";
import type { SigningKeys } from "#core/signing-keys.ts";
import { signJwt, verifyJwt } from "#kit/jwt.ts";
import { publicJwkOf } from "#kit/keys.ts";
import { verifyKey } from "#kit/verify-key.ts";
import { readKeyFiles, type StoredKey } from "./read-key-files.ts";

export interface KeyFolderParts {
  /** DATA/keys. */
  folder: string;
  /** ms since the epoch. */
  clock: () => number;
  /** A folder that can't be read any more: the keys that are known stay in use. */
  warn: (message: string) => void;
}

/** How often the folder is read for signing, ms: a new key is taken up, a removed one is let go. */
const readEvery = 30_000;
/** An unknown key id makes it read again, but no more often than so, ms. */
const readAtMost = 1_000;
/** A new key signs only when every process has had the time to see it, ms. */
const settling = 2 * readAtMost;

/** Reads the keys. Throws storage-failed in words when a file can't be used or there is none. */
export async function openKeyFolder({ folder, clock, warn }: KeyFolderParts): Promise<SigningKeys> {
  let keys = await readKeyFiles(folder);
  let readAt = clock();
  let reading: Promise<void> | undefined;
  if (keys.length === 0)
    throw new AppError("storage-failed", `${folder} holds no signing key: start the server to have one made`);

  function readAgain(): Promise<void> {
    reading ??= (async () => {
      readAt = clock();
      try {
        keys = await readKeyFiles(folder);
      } catch (error) {
        warn(error instanceof Error ? error.message : String(error));
      } finally {
        reading = undefined;
      }
    })();
    return reading;
  }

  /** Time since the last reading; a clock that was set back counts as long ago. */
  function age(): number {
    const passed = clock() - readAt;
    return passed < 0 ? Infinity : passed;
  }

  return {
    async current() {
      if (age() >= readEvery) await readAgain();
      const settled = keys.filter(({ createdAt }) => createdAt + settling <= clock());
      const newest = settled.at(-1) ?? keys[0];
      if (newest === undefined)
        throw new AppError("unavailable", "tokens can't be signed: the server has no key any more");
      return { kid: newest.pair.kid, sign: (claims) => signJwt(claims, newest.pair) };
    },
    async verifying(kid) {
      if (age() >= readEvery || (find(kid) === undefined && age() >= readAtMost)) await readAgain();
      else if (reading !== undefined && find(kid) === undefined) await reading;
      const found = find(kid);
      const key = found && verifyKey(found.pair.publicKey, kid, "ES256");
      return (
        key && {
          kid,
          verify: (token, rules) => verifyJwt(token, [key], { ...rules, algorithms: ["ES256"] }),
        }
      );
    },
    async jwks() {
      if (age() >= readEvery) await readAgain();
      return { keys: keys.map(({ pair }) => publicJwkOf(pair)) };
    },
  };

  function find(kid: string): StoredKey | undefined {
    return keys.find(({ pair }) => pair.kid === kid);
  }
}
