import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "#core/errors.ts";
import type { Leases } from "#core/metadata/leases.ts";
import { uuid } from "#kit/uuid.ts";

/** Who was killed holds a lease for so long, ms. */
const ttl = 15_000;
const renewEvery = 5_000;
const askEvery = 500;

export interface LeaseParts {
  leases: Pick<Leases, "take" | "renew" | "release">;
  name: string;
  /** What is going on where somebody else has it: "blobs are being moved". */
  what: string;
  signal: AbortSignal;
  /** How long it is asked for, ms; by default until one who was killed has it no more. */
  patience?: number;
}

/**
 * Does `work` while holding the lease, which is asked for as long as somebody who was killed may have it. The signal
 * that work gets is also aborted, with an AppError as reason, when the lease is lost. Throws unavailable when
 * another goes on holding it.
 */
export async function underLease<T>(
  parts: LeaseParts,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { leases, name, what, patience = ttl + 2 * askEvery } = parts;
  const holder = uuid();
  const patient = performance.now() + patience;
  let lease = await leases.take(name, holder, ttl);
  while (lease === undefined) {
    if (performance.now() >= patient)
      throw new AppError("unavailable", `${what} by another command just now: wait until it has ended`);
    await pause(askEvery, undefined, { signal: parts.signal });
    lease = await leases.take(name, holder, ttl);
  }
  const held = lease;
  const lost = new AbortController();
  let until = performance.now() + ttl;
  let running: Promise<void> | undefined;

  async function renew(): Promise<void> {
    // From before it was asked: the store's time begins later, so ours ends first.
    const asked = performance.now();
    const kept = await leases.renew(held, ttl).catch(() => undefined);
    if (kept === true) until = asked + ttl;
    if (kept === false || performance.now() > until)
      lost.abort(new AppError("unavailable", `the lease ${name} was lost: run this again`));
  }
  const timer = setInterval(() => {
    running ??= renew().finally(() => (running = undefined));
  }, renewEvery);
  try {
    const result = await work(AbortSignal.any([parts.signal, lost.signal]));
    lost.signal.throwIfAborted();
    return result;
  } finally {
    clearInterval(timer);
    await running;
    // Where it can't be given back it ends by itself.
    await leases.release(held).catch(() => undefined);
  }
}
