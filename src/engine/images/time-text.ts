import type { Clock } from "#core/clock.ts";
import { timeText } from "../times.ts";

/** Now, as records have it. */
export function nowText(clock: Clock): string {
  return timeText(BigInt(Math.trunc(clock() * 1000)) * 1000n);
}
