/** What `wait` waits for. */
export type WaitCondition = "not-running" | "next-exit" | "removed";

export interface WaitResult {
  code: number;
  /** Why it can't be told. */
  error: string | undefined;
}

/** Those who wait for the end of a container. */
export interface Waiters {
  add(id: string, condition: WaitCondition, signal: AbortSignal): Promise<WaitResult>;
  /** Its process ended. */
  ended(id: string, code: number): void;
  /** It is gone. */
  removed(id: string, result: WaitResult): void;
}

interface Waiter {
  condition: WaitCondition;
  done(result: WaitResult): void;
}

export function createWaiters(): Waiters {
  const waiting = new Map<string, Set<Waiter>>();

  function answer(id: string, conditions: readonly WaitCondition[], result: WaitResult): void {
    for (const waiter of [...(waiting.get(id) ?? [])])
      if (conditions.includes(waiter.condition)) waiter.done(result);
  }

  return {
    add(id, condition, signal) {
      return new Promise((resolve, reject) => {
        const all = waiting.get(id) ?? new Set();
        waiting.set(id, all);
        const leave = () => {
          all.delete(waiter);
          if (all.size === 0 && waiting.get(id) === all) waiting.delete(id);
          signal.removeEventListener("abort", gone);
        };
        const gone = () => {
          leave();
          reject(signal.reason as Error);
        };
        const waiter: Waiter = {
          condition,
          done(result) {
            leave();
            resolve(result);
          },
        };
        all.add(waiter);
        signal.addEventListener("abort", gone, { once: true });
        if (signal.aborted) gone();
      });
    },
    ended: (id, code) => answer(id, ["not-running", "next-exit"], { code, error: undefined }),
    removed: (id, result) => answer(id, ["not-running", "next-exit", "removed"], result),
  };
}
