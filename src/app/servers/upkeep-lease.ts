/**
 * One server at a time does the upkeep of all: it holds a lease in the metadata store and prolongs it while it
 * lives. With SQLite there is no other server (the data folder's lock sees to that), and nothing to hold.
 */
import type { Logger } from "pino";
import type { Config } from "#config/config.ts";
import type { Lease, Leases } from "#core/metadata/leases.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { uuid } from "#kit/uuid.ts";
import { keptInPostgres } from "../open/open-metadata.ts";
import type { Turn } from "./turn.ts";

/** A turn that tells when it begins. */
export interface Upkeep extends Turn {
  /** Runs `begin` now if it is this server's turn, and each time that it becomes so, until disposed. It must not throw. */
  whenMine(begin: () => void): Disposable;
}

/** For the only server there is. */
export const alone: Upkeep & AsyncDisposable = {
  mine: () => true,
  whenMine(begin) {
    begin();
    return { [Symbol.dispose]: () => undefined };
  },
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** What takes a turn by its name, among all servers that share the metadata of this one. */
export function turnsAmongServers(
  config: Config,
  { leases }: Metadata,
  log: Logger,
): (name: string) => Promise<Upkeep & AsyncDisposable> {
  return keptInPostgres(config) ? (name) => holdLease(leases, name, log) : () => Promise.resolve(alone);
}

/** ms. Who can't prolong it loses it on its own clock before another server can have it. */
const ttl = 30_000;
const renewEvery = 10_000;

/**
 * Holds the lease `name` whenever no other server does, until disposed. Resolves after the first try. Never
 * throws: a server that can't reach the database doesn't have it, and goes on asking.
 */
export async function holdLease(
  leases: Pick<Leases, "take" | "release">,
  name: string,
  log: Logger,
  every = renewEvery,
): Promise<Upkeep & AsyncDisposable> {
  const holder = uuid();
  const begins = new Set<() => void>();
  let lease: Lease | undefined;
  let until = 0;
  let failing = false;
  let running: Promise<void> | undefined;
  const mine = () => performance.now() < until;

  async function take(): Promise<void> {
    // From before it was asked: the store's time begins later, so ours ends first.
    const asked = performance.now();
    try {
      const had = mine() ? lease?.fence : undefined;
      const before = lease;
      lease = await leases.take(name, holder, ttl);
      failing = false;
      until = lease === undefined ? 0 : asked + ttl;
      if (lease === undefined) {
        if (before !== undefined) log.info({ lease: name }, "another server has this lease now");
      } else if (lease.fence !== had) {
        if (lease.fence !== before?.fence) log.info({ lease: name }, "this server has the lease now");
        for (const begin of begins) begin();
      }
    } catch (err) {
      until = 0;
      // Once, not every time.
      if (!failing) log.warn({ err, lease: name }, "the lease can't be had without the database");
      failing = true;
    }
  }

  const run = () => (running ??= take().finally(() => (running = undefined)));
  await run();
  const timer = setInterval(() => void run(), every);
  return {
    mine,
    whenMine(begin) {
      begins.add(begin);
      if (mine()) begin();
      return { [Symbol.dispose]: () => void begins.delete(begin) };
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running;
      until = 0;
      // Where it can't be given back it ends by itself.
      if (lease !== undefined) await leases.release(lease).catch(() => undefined);
    },
  };
}
