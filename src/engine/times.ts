import type { Clock } from "#core/clock.ts";
import { timeText } from "#kit/nano-time.ts";

/** Now, as records have it. */
export function nowText(clock: Clock): string {
  return timeText(BigInt(Math.trunc(clock() * 1000)) * 1000n);
}

/** ms since 1970 of a text that a record has; 0 for docker's "never" and for what is none. */
export function timeOf(text: string): number {
  const time = Date.parse(text);
  return Number.isNaN(time) || time < 0 ? 0 : time;
}
