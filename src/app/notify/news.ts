import type { Outbox } from "#core/metadata/outbox.ts";

/** Tells that there may be events. */
export interface News extends Disposable {
  /** Resolves when there are events after this id, or with the signal. Never rejects. */
  after(id: number, signal: AbortSignal): Promise<void>;
}

interface Waiting {
  id: number;
  wake(): void;
}

/** ms */
const lookEvery = 1_000;

/** One look a second for all that wait, and none while nobody does. */
export function createNews(outbox: Pick<Outbox, "newest">): News {
  const waiting = new Set<Waiting>();
  let looking = false;

  async function look(): Promise<void> {
    if (looking || waiting.size === 0) return;
    looking = true;
    // Where it can't be read, who waits finds out by itself.
    const newest = await outbox.newest().catch(() => Infinity);
    looking = false;
    for (const one of waiting) if (newest > one.id) one.wake();
  }
  const timer = setInterval(() => void look(), lookEvery);
  timer.unref();
  return {
    after: (id, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          waiting.delete(one);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        const one = { id, wake };
        if (signal.aborted) {
          resolve();
          return;
        }
        waiting.add(one);
        signal.addEventListener("abort", wake, { once: true });
      }),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
