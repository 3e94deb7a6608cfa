/** Something that gets longer until it ends or fails, and those who wait for more of it. */
export interface Growth {
  /** How far it is. */
  readonly readable: number;
  /** Whether it ended or failed: it grows no more. */
  readonly over: boolean;
  /**
   * Resolves when it is longer than `beyond`, or has ended, whatever its length: then nothing more comes. Rejects
   * with the error it failed with, when it isn't that long. Nobody has to look at the promise.
   */
  more(beyond: number): Promise<void>;
  /** It is `to` long in all by now; what is no longer than before changes nothing, nor does anything after its end. */
  grow(to: number): void;
  end(): void;
  fail(error: Error): void;
}

export function createGrowth(): Growth {
  let readable = 0;
  let outcome: { error: Error | undefined } | undefined;
  /** By what they have: who waits at the same place shares a promise. */
  const waiting = new Map<number, PromiseWithResolvers<void>>();
  /** The least of those; most of the time nobody is to be woken, and nobody is looked at. */
  let first = Infinity;

  function wake(): void {
    if (readable <= first) return;
    first = Infinity;
    for (const [beyond, { resolve }] of waiting) {
      if (beyond < readable) {
        waiting.delete(beyond);
        resolve();
      } else first = Math.min(first, beyond);
    }
  }

  function settle(error: Error | undefined): void {
    if (outcome !== undefined) return;
    outcome = { error };
    for (const { resolve, reject } of waiting.values()) {
      if (error === undefined) resolve();
      else reject(error);
    }
    waiting.clear();
  }

  function wait(beyond: number): Promise<void> {
    const known = waiting.get(beyond);
    if (known !== undefined) return known.promise;
    const made = Promise.withResolvers<void>();
    waiting.set(beyond, made);
    first = Math.min(first, beyond);
    return unheard(made.promise);
  }

  return {
    get readable() {
      return readable;
    },
    get over() {
      return outcome !== undefined;
    },
    more(beyond) {
      if (readable > beyond) return Promise.resolve();
      if (outcome === undefined) return wait(beyond);
      return outcome.error === undefined ? Promise.resolve() : unheard(Promise.reject(outcome.error));
    },
    grow(to) {
      if (outcome !== undefined || to <= readable) return;
      readable = to;
      wake();
    },
    end: () => settle(undefined),
    fail: (error) => settle(error),
  };
}

/** Who waited may be gone when it fails. */
function unheard(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}
