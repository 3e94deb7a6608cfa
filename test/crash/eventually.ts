import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

const pause = 50;

/**
 * Asks again and again until `check` gives something other than undefined or false, and returns that.
 * Fails after `limit` milliseconds, naming what was waited for: a bound for a broken server, not a deadline.
 */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined | false>,
  limit = 30_000,
): Promise<T> {
  for (let waited = 0; waited < limit; waited += pause) {
    const result = await check();
    if (result !== undefined && result !== false) return result;
    await sleep(pause);
  }
  assert.fail(`not within ${limit} ms: ${what}`);
}
