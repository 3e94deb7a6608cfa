import { AppError } from "#core/errors.ts";
import type { Leases } from "#core/metadata/leases.ts";
import { uuid } from "#kit/uuid.ts";

/** ms. Longer than a server takes to start again, shorter than anybody minds after a command that was killed. */
const ttl = 10 * 60_000;
const renewEvery = 30_000;

/** Aborted when the lease is lost, with the reason. */
export interface HeldLease extends AsyncDisposable {
  readonly signal: AbortSignal;
}

/**
 * Holds a lease whose name begins so, of this command alone, until disposed. While a server that has the way to the
 * database is away, the lease lasts (core/metadata/lease-names.ts: `lastingLeases`), and it is asked again.
 */
export async function holdLease(
  leases: Pick<Leases, "take" | "release">,
  beginning: string,
): Promise<HeldLease> {
  const name = beginning + uuid();
  const lost = new AbortController();
  let held = performance.now();
  const lease = await leases.take(name, name, ttl);
  if (lease === undefined) throw new AppError("unavailable", `the lease ${name} can't be had`);
  const lose = (why: string) =>
    lost.abort(new AppError("unavailable", `${why}: run this again, it goes on where it was`));
  let running: Promise<void> | undefined;

  async function renew(): Promise<void> {
    const asked = performance.now();
    try {
      const now = await leases.take(name, name, ttl);
      if (now?.fence === lease?.fence) held = asked;
      else lose("the lease that keeps blobs from being collected meanwhile had ended");
    } catch {
      if (performance.now() > held + ttl - renewEvery) lose("the metadata couldn't be reached for too long");
    }
  }

  const timer = setInterval(() => {
    running ??= renew().finally(() => (running = undefined));
  }, renewEvery);
  return {
    signal: lost.signal,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running;
      // Where it can't be given back it ends by itself.
      await leases.release(lease).catch(() => undefined);
    },
  };
}
