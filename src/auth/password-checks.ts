import { AppError } from "#core/errors.ts";
import { createBoundedMap } from "#kit/bounded-map.ts";
import { createFingerprint } from "#kit/secrets.ts";

/** Compares passwords with their hashes, some at a time: each takes a core and much memory for a while. */
export interface PasswordChecks {
  /**
   * Whether this very password was right for this very hash in the last minutes, which every yes prolongs.
   * Costs no hashing, so a valid user's next logins never wait behind anybody. @param owner whose hash it is.
   */
  remembers(owner: string, hash: string, password: string): boolean;
  /** Hashes, in turn. Throws too-many-attempts when the line is too long already. */
  check(owner: string, hash: string, password: string): Promise<boolean>;
}

export interface PasswordCheckParts {
  /** auth.passwords.concurrent_checks: hashed at the same time in this process. */
  concurrent: number;
  /** The slow comparison, kit's quiet verifier. */
  verify: (hash: string, password: string) => Promise<boolean>;
  /** ms since the epoch. */
  clock: () => number;
}

const longestLine = 256;
const mostRemembered = 1_000;
const rememberedFor = 5 * 60_000;

export function createPasswordChecks({ concurrent, verify, clock }: PasswordCheckParts): PasswordChecks {
  const fingerprint = createFingerprint();
  const right = createBoundedMap<string, number>(mostRemembered);
  const line: (() => void)[] = [];
  let running = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running < concurrent) running++;
    else {
      if (line.length >= longestLine)
        throw new AppError(
          "too-many-attempts",
          "too many passwords are being checked: try again in a moment",
          {
            retryAfter: 1,
          },
        );
      await new Promise<void>((resolve) => line.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = line.shift();
      // The place goes over to the next in line.
      if (next !== undefined) next();
      else running--;
    }
  }

  return {
    remembers(owner, hash, password) {
      const key = fingerprint(owner, hash, password);
      const until = right.take(key);
      if (until === undefined || until <= clock()) return false;
      right.set(key, clock() + rememberedFor);
      return true;
    },
    async check(owner, hash, password) {
      const same = await inTurn(() => verify(hash, password));
      if (same) right.set(fingerprint(owner, hash, password), clock() + rememberedFor);
      return same;
    },
  };
}
