import { createBoundedMap } from "#kit/bounded-map.ts";

interface Failures {
  count: number;
  /** When the last one was, ms. */
  last: number;
}

const fade = 15 * 60_000;
const firstWait = 1_000;
const longestWait = 60_000;
const freeForPair = 5;
const freeForAddress = 20;
const budget = 100;
const budgetTime = 10 * 60_000;
const budgetWait = 5_000;
const mostPairs = 20_000;
const mostOthers = 10_000;

/**
 * Failed logins and the waits that they bring. In the writer's memory, bounded: the oldest are forgotten.
 * An account with one address, and an address over all accounts, wait longer and longer; an account by
 * itself never does, or anybody could lock its owner out. Only addresses from which nobody ever signed in
 * to an account wait a little each time, when very many tries are made at it. Who did sign in from an
 * address answers for his own failures only: he may share it with an attacker.
 */
export function createLoginDelays() {
  const pairs = createBoundedMap<string, Failures>(mostPairs);
  const addresses = createBoundedMap<string, Failures>(mostOthers);
  /** Failures of an account since `last`, over all addresses. */
  const accounts = createBoundedMap<string, Failures>(mostOthers);
  /** Pairs that succeeded once. */
  const known = createBoundedMap<string, true>(mostOthers);
  /** When a pair beyond the account's budget may try, ms. */
  const parked = createBoundedMap<string, number>(mostOthers);

  const pairOf = (account: string, address: string) => `${address} ${account}`;

  function current(map: typeof pairs, key: string, now: number, lifetime: number): Failures | undefined {
    const entry = map.take(key);
    if (entry === undefined || now - entry.last >= lifetime) return undefined;
    // A clock that was set back must not make anybody wait for hours.
    const kept = { count: entry.count, last: Math.min(entry.last, now) };
    map.set(key, kept);
    return kept;
  }

  function waitOf(entry: Failures | undefined, free: number, now: number): number {
    if (entry === undefined || entry.count < free) return 0;
    const wait = Math.min(longestWait, firstWait * 2 ** Math.min(16, entry.count - free));
    return Math.max(0, entry.last + wait - now);
  }

  /** The wait of an address that is new to an account beyond its budget: once for every attempt. */
  function parkedFor(pair: string, now: number): number {
    const until = parked.take(pair);
    if (until !== undefined && until <= now) return 0;
    const kept = Math.min(until ?? Infinity, now + budgetWait);
    parked.set(pair, kept);
    return kept - now;
  }

  function isKnown(pair: string): boolean {
    if (known.take(pair) === undefined) return false;
    known.set(pair, true);
    return true;
  }

  return {
    /** 0: may try, counted as failed. Else the ms to wait, and nothing is counted. */
    attempt(account: string, address: string, now: number): number {
      const pair = pairOf(account, address);
      const ofPair = current(pairs, pair, now, fade);
      const ofAddress = current(addresses, address, now, fade);
      const ofAccount = current(accounts, account, now, budgetTime);
      const own = waitOf(ofPair, freeForPair, now);
      if (own > 0) return own;
      // Who signed in from here before isn't held up by what others do, here or elsewhere.
      if (!isKnown(pair)) {
        const shared = waitOf(ofAddress, freeForAddress, now);
        if (shared > 0) return shared;
        const parkedWait = (ofAccount?.count ?? 0) < budget ? 0 : parkedFor(pair, now);
        if (parkedWait > 0) return parkedWait;
      }
      pairs.set(pair, { count: (ofPair?.count ?? 0) + 1, last: now });
      addresses.set(address, { count: (ofAddress?.count ?? 0) + 1, last: now });
      accounts.set(account, { count: (ofAccount?.count ?? 0) + 1, last: ofAccount?.last ?? now });
      return 0;
    },

    /** The attempt was right: it doesn't count, and the pair begins anew. */
    succeeded(account: string, address: string): void {
      const pair = pairOf(account, address);
      pairs.take(pair);
      parked.take(pair);
      known.set(pair, true);
      // Only this one attempt: an attacker with an account of his own must not wipe out the others.
      for (const [map, key] of [
        [addresses, address],
        [accounts, account],
      ] as const) {
        const entry = map.take(key);
        if (entry !== undefined && entry.count > 1)
          map.set(key, { count: entry.count - 1, last: entry.last });
      }
    },
  };
}

export type LoginDelays = ReturnType<typeof createLoginDelays>;
