/**
 * The signing keys of one process, kept in memory and read again from their place. Nobody tells it of changes: it
 * looks every half a minute, and at once when a token names a key that it doesn't know.
 */
import { AppError } from "#core/errors.ts";
import type { SigningKeys } from "#core/signing-keys.ts";
import { signJwt, verifyJwt } from "#kit/jwt.ts";
import { publicJwkOf } from "#kit/keys.ts";
import { verifyKey } from "#kit/verify-key.ts";
import type { KeyPlace, StoredKey } from "./key-place.ts";

export interface KeyRingParts {
  place: KeyPlace;
  /** ms since the epoch. */
  clock: () => number;
  /** A place that can't be read any more: the keys that are known stay in use. */
  warn: (message: string) => void;
}

/** How often the place is read for signing, ms: a new key is taken up, a removed one is let go. */
const readEvery = 30_000;
/** An unknown key id makes it read again, but no more often than so, ms. */
const readAtMost = 1_000;
/**
 * A new key signs only when it has been seen in its place for so long, ms: whoever doesn't know it then, in
 * whatever process of whatever server, has read so long ago that it reads again for it.
 */
const settling = 2 * readAtMost;
/** How far the clocks of servers may differ, ms, for the age of keys that were there before this process. */
const clockSkew = 60_000;

/** Reads the keys. Throws storage-failed in words when one can't be used or there is none. */
export async function openKeyRing({ place, clock, warn }: KeyRingParts): Promise<SigningKeys> {
  let readAt = clock();
  let keys = await place.read();
  let reading: Promise<void> | undefined;
  let warned: string | undefined;
  if (keys.length === 0)
    throw new AppError(
      "storage-failed",
      `${place.name} holds no signing key: start the server to have one made`,
    );
  /** By key id, since when it is known that others can see it, ms. */
  let seen = new Map(keys.map(({ pair, createdAt }) => [pair.kid, Math.min(readAt, createdAt + clockSkew)]));

  function readAgain(): Promise<void> {
    reading ??= (async () => {
      readAt = clock();
      try {
        keys = await place.read();
        const now = clock();
        seen = new Map(keys.map(({ pair: { kid } }) => [kid, seen.get(kid) ?? now]));
        warned = undefined;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (message !== warned) warn(message);
        warned = message;
      } finally {
        reading = undefined;
      }
    })();
    return reading;
  }

  /** Time since then; a clock that was set back counts as long ago. */
  function since(time: number): number {
    const passed = clock() - time;
    return passed < 0 ? Infinity : passed;
  }

  return {
    async current() {
      if (since(readAt) >= readEvery) await readAgain();
      const settled = keys.filter(({ pair }) => since(seen.get(pair.kid) ?? 0) >= settling);
      const key = settled.at(-1) ?? keys[0];
      if (key === undefined)
        throw new AppError("unavailable", "tokens can't be signed: the server has no key any more");
      return { kid: key.pair.kid, sign: (claims) => signJwt(claims, key.pair) };
    },
    async verifying(kid) {
      // One that is under way may have begun too early to find it.
      if (reading !== undefined && find(kid) === undefined) await reading;
      if (since(readAt) >= (find(kid) === undefined ? readAtMost : readEvery)) await readAgain();
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
      if (since(readAt) >= readEvery) await readAgain();
      return { keys: keys.map(({ pair }) => publicJwkOf(pair)) };
    },
  };

  function find(kid: string): StoredKey | undefined {
    return keys.find(({ pair }) => pair.kid === kid);
  }
}
