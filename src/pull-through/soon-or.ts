import { setTimeout as sleep } from "node:timers/promises";

/**
 * The answer if it comes within `ms`; else `instead`, and the work goes on.
 * @param late told when the work fails after that.
 */
export async function soonOr<T>(
  work: Promise<T>,
  ms: number,
  instead: () => T,
  late: (error: unknown) => void,
): Promise<T> {
  const waiting = new AbortController();
  const nothing = Symbol("nothing yet");
  const timer = sleep(ms, nothing, { signal: waiting.signal }).catch(() => nothing);
  try {
    const first = await Promise.race([work, timer]);
    if (first !== nothing) return first as T;
    work.catch(late);
    return instead();
  } finally {
    waiting.abort();
  }
}
