import {
  attemptLogin,
  loginSucceeded,
  type Failures,
  type LoginMemory,
} from "#core/metadata/login-delays.ts";
import { createBoundedMap } from "#kit/bounded-map.ts";

const mostPairs = 20_000;
const mostOthers = 10_000;

/** Failed logins by core's rule. In the writer's memory, bounded: the oldest are forgotten. */
export function createLoginDelays() {
  const pairs = createBoundedMap<string, Failures>(mostPairs);
  const addresses = createBoundedMap<string, Failures>(mostOthers);
  const accounts = createBoundedMap<string, Failures>(mostOthers);
  const known = createBoundedMap<string, true>(mostOthers);
  const parked = createBoundedMap<string, number>(mostOthers);

  const pairOf = (account: string, address: string) => `${address} ${account}`;

  function take(account: string, address: string): LoginMemory {
    const pair = pairOf(account, address);
    return {
      pair: pairs.take(pair),
      address: addresses.take(address),
      account: accounts.take(account),
      known: known.take(pair) === true,
      parked: parked.take(pair),
    };
  }

  function keep(account: string, address: string, memory: LoginMemory): void {
    const pair = pairOf(account, address);
    if (memory.pair !== undefined) pairs.set(pair, memory.pair);
    if (memory.address !== undefined) addresses.set(address, memory.address);
    if (memory.account !== undefined) accounts.set(account, memory.account);
    if (memory.known) known.set(pair, true);
    if (memory.parked !== undefined) parked.set(pair, memory.parked);
  }

  return {
    /** 0: may try, counted as failed. Else the ms to wait, and nothing is counted. */
    attempt(account: string, address: string, now: number): number {
      const { wait, memory } = attemptLogin(take(account, address), now);
      keep(account, address, memory);
      return wait;
    },

    /** The attempt was right: it doesn't count, and the pair begins anew. */
    succeeded(account: string, address: string): void {
      keep(account, address, loginSucceeded(take(account, address)));
    },
  };
}

export type LoginDelays = ReturnType<typeof createLoginDelays>;
