import { createHash } from "node:crypto";
import { createBoundedMap } from "#kit/bounded-map.ts";
import type { Asked } from "./network-fault.ts";
import type { GivenToken, TokenQuestion } from "./token-request.ts";

/** Tokens that were given, each for whom and what it was given for, until they expire. */
export interface Tokens {
  /** The token, kept or new. Questions of one kind at the same time are asked once. */
  get(question: TokenQuestion, asked: Asked): Promise<HeldToken>;
  /** A token other than `refused`. */
  renew(question: TokenQuestion, refused: string, asked: Asked): Promise<HeldToken>;
}

export interface HeldToken {
  token: string;
  /** Given just now. */
  fresh: boolean;
}

const kept = 2_000;
/** Seconds; the token specification says that shorter ones aren't to be given. */
const shortest = 60;
const longest = 86_400;
/** ms before its end that a token isn't used any more. */
const margin = 10_000;

/** @param ask bounded in time by itself: who waits for it may leave */
export function createTokens(
  ask: (question: TokenQuestion, asked: Asked) => Promise<GivenToken>,
  now: () => number,
): Tokens {
  const held = createBoundedMap<string, { token: string; until: number }>(kept);
  const underway = new Map<string, Promise<string>>();

  async function given(key: string, question: TokenQuestion, asked: Asked): Promise<string> {
    const began = now();
    const { token, expiresIn = shortest } = await ask(question, asked);
    const seconds = Math.min(longest, Math.max(shortest, expiresIn));
    held.set(key, { token, until: began + seconds * 1000 - margin });
    return token;
  }
  async function fresh(key: string, question: TokenQuestion, asked: Asked): Promise<HeldToken> {
    const turn =
      underway.get(key) ??
      given(key, question, asked).finally(() => {
        underway.delete(key);
      });
    underway.set(key, turn);
    return { token: await turn, fresh: true };
  }
  function current(key: string): string | undefined {
    const found = held.get(key);
    return found !== undefined && found.until > now() ? found.token : undefined;
  }

  return {
    async get(question, asked) {
      const key = keyOf(question);
      const token = current(key);
      return token === undefined ? fresh(key, question, asked) : { token, fresh: false };
    },
    async renew(question, refused, asked) {
      const key = keyOf(question);
      const token = current(key);
      // Somebody else may have renewed it meanwhile.
      if (token !== undefined && token !== refused) return { token, fresh: false };
      held.take(key);
      return fresh(key, question, asked);
    },
  };
}

export function sameQuestion(one: TokenQuestion | undefined, other: TokenQuestion): boolean {
  return one !== undefined && keyOf(one) === keyOf(other);
}

/** Never without the credentials: what was given to one isn't for another. They are kept as a hash only. */
function keyOf({ realm, service, scope, credentials }: TokenQuestion): string {
  const parts = [credentials ?? null, realm.href, service ?? null, scope ?? null];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}
