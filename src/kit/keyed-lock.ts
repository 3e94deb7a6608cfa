/** Mutual exclusion by key inside one process: the step before a lease between processes. */
export interface KeyedLock {
  /** Runs `work` when no other work of this key runs; in the order of the calls. */
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Whether somebody holds or waits for the key. */
  busy(key: string): boolean;
}

export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>();
  return {
    busy: (key) => tails.has(key),
    async run(key, work) {
      const before = tails.get(key);
      const mine = (before ?? Promise.resolve()).then(work, work);
      const tail = mine.catch(() => undefined);
      tails.set(key, tail);
      try {
        return await mine;
      } finally {
        if (tails.get(key) === tail) tails.delete(key);
      }
    },
  };
}
