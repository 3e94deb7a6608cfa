/**
 * Keeps apart what brings in or reads content that no record names yet (pulls, loads, commits, saves) and what tidies
 * away all that no record names. Tidying waits until nothing is under way; who comes while it runs waits for it.
 */
export interface Arrivals {
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Like `during`, for streams: the answer ends it. */
  enter(): Promise<() => void>;
  /** Runs now, or when the last arrival ended (then without being waited for, and its failure is left to the next one). */
  tidy(): Promise<void>;
}

export function createArrivals(sweep: () => Promise<void>): Arrivals {
  let active = 0;
  let wanted = false;
  let sweeping: Promise<void> | undefined;

  async function run(): Promise<void> {
    wanted = false;
    sweeping ??= sweep().finally(() => (sweeping = undefined));
    await sweeping;
  }

  function leave(): void {
    active -= 1;
    if (active === 0 && wanted) run().catch(() => undefined);
  }

  async function enter(): Promise<() => void> {
    while (sweeping !== undefined) await sweeping.catch(() => undefined);
    active += 1;
    let left = false;
    return () => {
      if (!left) leave();
      left = true;
    };
  }

  return {
    enter,
    async during(work) {
      const done = await enter();
      try {
        return await work();
      } finally {
        done();
      }
    },
    async tidy() {
      wanted = true;
      // Who sweeps already may have looked at the records before the change that this call follows.
      while (sweeping !== undefined) await sweeping.catch(() => undefined);
      if (active === 0 && wanted) await run();
    },
  };
}
