import type { Clock } from "#core/clock.ts";

/**
 * How long ago something is, for who removes what is old. A clock that is set forward, or a machine that slept, makes
 * everything look old at once; time that this process didn't live through doesn't count.
 */
export interface LivedTime {
  /** To be asked now and then, also when nothing is to be removed: what happened to the clock in between isn't known. */
  now(): Past;
}

/** What was marked (ms, by the clock) before the time that this gives is older than `age`. */
export type Past = (age: number) => number;

/** Clocks run a little faster or slower than each other all the time, ms. */
const drift = 1_000;
/** As far back as ages go: a year. */
const longest = 366 * 86_400_000;

/** @param steady ms, of a clock that nobody sets and that stands still while the machine sleeps */
export function createLivedTime(clock: Clock, steady: () => number = () => performance.now()): LivedTime {
  /** How far the clock was ahead of the steady one, growing, and until when it may have been no more than that. */
  const ahead: { by: number; until: number }[] = [];

  function now(): Past {
    const at = steady();
    const time = clock();
    const last = ahead.at(-1);
    let by = time - at;
    if (last !== undefined && last.by < by) {
      last.until = at;
      if (by - last.by < drift) by = last.by;
    }
    while ((ahead.at(-1)?.by ?? -Infinity) >= by) ahead.pop();
    ahead.push({ by, until: at });
    while ((ahead[0]?.until ?? at) < at - longest) ahead.shift();
    return (age) => {
      // Whatever was marked within this age was so by a clock that was at least so far ahead.
      const least = age > 0 ? ahead.find(({ until }) => until >= at - age)?.by : undefined;
      return time - age - Math.max(0, by - (least ?? by));
    };
  }

  now();
  return { now };
}
