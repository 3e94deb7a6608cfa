/** What is remembered of an account, an address and the two together; all of it may be forgotten. */
export interface LoginMemory {
  /** Failures of the account from the address. */
  pair: Failures | undefined;
  /** Failures from the address, over all accounts. */
  address: Failures | undefined;
  /** Failures of the account since `last`, over all addresses. */
  account: Failures | undefined;
  /** Somebody signed in to the account from the address before. */
  known: boolean;
  /** When the pair, beyond the account's budget, may try, ms. */
  parked: number | undefined;
}

export interface Failures {
  count: number;
  /** When the last one was, ms. */
  last: number;
}

/** How long failures of a pair or an address count, ms. */
export const failuresFade = 15 * 60_000;
/** For how long an account's budget of tries is, ms. */
export const budgetTime = 10 * 60_000;

const firstWait = 1_000;
const longestWait = 60_000;
const freeForPair = 5;
const freeForAddress = 20;
const budget = 100;
const budgetWait = 5_000;

/**
 * The rule of failed logins and the waits that they bring: 0, and the attempt is counted as failed in `memory`,
 * or the ms to wait, and nothing is counted.
 * An account with one address, and an address over all accounts, wait longer and longer; an account by
 * itself never does, or anybody could lock its owner out. Only addresses from which nobody ever signed in
 * to an account wait a little each time, when very many tries are made at it. Who did sign in from an
 * address answers for his own failures only: he may share it with an attacker.
 */
export function attemptLogin(before: LoginMemory, now: number): { wait: number; memory: LoginMemory } {
  const memory = {
    ...before,
    pair: current(before.pair, now, failuresFade),
    address: current(before.address, now, failuresFade),
    account: current(before.account, now, budgetTime),
  };
  const { pair, address, account } = memory;
  const own = waitOf(pair, freeForPair, now);
  if (own > 0) return { wait: own, memory };
  // Who signed in from here before isn't held up by what others do, here or elsewhere.
  if (!memory.known) {
    const wait = waitOf(address, freeForAddress, now);
    if (wait > 0) return { wait, memory };
    if (account !== undefined && account.count >= budget) {
      memory.parked = parkedUntil(before.parked, now);
      if (memory.parked !== undefined) return { wait: memory.parked - now, memory };
    }
  }
  memory.pair = { count: (pair?.count ?? 0) + 1, last: now };
  memory.address = { count: (address?.count ?? 0) + 1, last: now };
  memory.account = { count: (account?.count ?? 0) + 1, last: account?.last ?? now };
  return { wait: 0, memory };
}

/** The attempt was right: it doesn't count, and the pair begins anew. */
export function loginSucceeded(before: LoginMemory): LoginMemory {
  // Only this one attempt: an attacker with an account of his own must not wipe out the others.
  return {
    pair: undefined,
    address: oneLess(before.address),
    account: oneLess(before.account),
    known: true,
    parked: undefined,
  };
}

function current(failures: Failures | undefined, now: number, lifetime: number): Failures | undefined {
  if (failures === undefined || now - failures.last >= lifetime) return undefined;
  // A clock that was set back must not make anybody wait for hours.
  return { count: failures.count, last: Math.min(failures.last, now) };
}

function waitOf(failures: Failures | undefined, free: number, now: number): number {
  if (failures === undefined || failures.count < free) return 0;
  const wait = Math.min(longestWait, firstWait * 2 ** Math.min(16, failures.count - free));
  return Math.max(0, failures.last + wait - now);
}

/** The wait of an address that is new to an account beyond its budget: once for every attempt. */
function parkedUntil(until: number | undefined, now: number): number | undefined {
  if (until !== undefined && until <= now) return undefined;
  return Math.min(until ?? Infinity, now + budgetWait);
}

function oneLess(failures: Failures | undefined): Failures | undefined {
  if (failures === undefined || failures.count <= 1) return undefined;
  return { count: failures.count - 1, last: failures.last };
}
