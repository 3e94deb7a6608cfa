import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#core/errors.ts";

/** For each place so many may wait; more are told to come back. */
const waitersOfPlace = 16;

/** Keeps an upstream from being asked too much. Whoever waits, waits as long as the signal lets. */
export interface Limiter {
  /**
   * Waits for one of the `concurrent` places; the function gives it back, once. Throws busy when too many wait, or it
   * took `patience`: whoever asks for what nobody has must not keep the others waiting for hours.
   */
  enter(signal: AbortSignal): Promise<() => void>;
  /** Waits until one more request may begin. */
  pace(signal: AbortSignal): Promise<void>;
}

export function createLimiter({
  requests,
  concurrent,
  patience,
}: {
  requests: number | undefined;
  concurrent: number;
  /** ms */
  patience: number;
}): Limiter {
  let free = concurrent;
  const waiting = new Set<() => void>();

  function leave(): void {
    const [next] = waiting;
    if (next === undefined) free++;
    else next();
  }
  /** What gives a place back, however often it is called. */
  function place(): () => void {
    let held = true;
    return () => {
      if (held) leave();
      held = false;
    };
  }

  // Of the last `burst` requests, when each may begin: no span as long as `window` ever holds more of them.
  const burst = Math.max(1, Math.floor(requests ?? 1));
  const window = requests === undefined ? 0 : (1000 * burst) / requests;
  const begun: number[] = [];

  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free--;
        return place();
      }
      if (waiting.size >= concurrent * waitersOfPlace) throw tooMany();
      await new Promise<void>((resolve, reject) => {
        const giveUp = (reason: Error) => {
          end();
          reject(reason);
        };
        const abort = () => giveUp(signal.reason as Error);
        const late = setTimeout(() => giveUp(tooMany()), patience);
        const turn = () => {
          end();
          resolve();
        };
        const end = () => {
          clearTimeout(late);
          waiting.delete(turn);
          signal.removeEventListener("abort", abort);
        };
        signal.addEventListener("abort", abort, { once: true });
        waiting.add(turn);
      });
      return place();
    },
    async pace(signal) {
      signal.throwIfAborted();
      if (requests === undefined) return;
      const now = performance.now();
      const earliest = begun.length < burst ? now : (begun.shift() ?? now) + window;
      const at = Math.max(now, earliest);
      begun.push(at);
      if (at > now)
        await sleep(at - now, undefined, { signal }).catch(() => {
          throw signal.reason;
        });
    },
  };
}

function tooMany(): AppError {
  return new AppError("busy", "too many requests wait for the upstream: try again in a moment", {
    retryAfter: 2,
  });
}
