/** ms */
const first = 1_000;
const longest = 600_000;
/** What a target asks for is heard up to here, ms. */
const longestAsked = 3_600_000;

/** Without jitter: after that many failures of the same. */
function pauseAfter(failures: number): number {
  // Beyond 20 doublings it is long the longest.
  return Math.min(longest, first * 2 ** Math.min(20, failures - 1));
}

/**
 * How long to wait after a failure, ms: twice as long each time, from 1 s to 10 min, less up to a fifth by chance so that
 * many servers don't come at once; and not less than the target asked for, up to an hour.
 * @param random from 0 to 1
 */
export function backOff(failures: number, asked: number | undefined, random: number): number {
  return Math.max(pauseAfter(failures) * (1 - random / 5), Math.min(asked ?? 0, longestAsked));
}

/** Tries in all whose pauses take `retryFor` ms: at least one. Counted, and not timed, so that downtime isn't the target's. */
export function triesWithin(retryFor: number): number {
  let tries = 1;
  for (let sum = 0; sum < retryFor; tries++) {
    const pause = pauseAfter(tries);
    if (pause === longest) return tries + Math.ceil((retryFor - sum) / longest);
    sum += pause;
  }
  return tries;
}
