import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";

/** Holds reading down to a rate, so that who is served meanwhile notices nothing. */
export interface Pace {
  /** Resolves when so many bytes more may be read; throws the signal's reason when it is aborted. */
  take(bytes: number, signal: AbortSignal): Promise<void>;
}

/** Longest wait at a time, ms: the rate may change meanwhile. */
const longest = 1_000;
/** What was not read in time is not caught up with beyond so much of a second. */
const burst = 0.25;

/** @param rate bytes a second, asked each time; undefined: as fast as it goes */
export function createPace(rate: () => number | undefined): Pace {
  let due = performance.now();
  return {
    async take(bytes, signal) {
      signal.throwIfAborted();
      const limit = rate();
      if (limit === undefined) return;
      due = Math.max(due, performance.now() - burst * 1000) + (bytes / limit) * 1000;
      // Others first, also where nothing is to be waited for.
      await nextTurn();
      for (let wait = due - performance.now(); wait > 0; wait = due - performance.now())
        await pause(Math.min(wait, longest), undefined, { signal });
      signal.throwIfAborted();
    },
  };
}
