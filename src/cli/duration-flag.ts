import { parseDuration } from "#config/duration.ts";
import { Unreadable } from "#config/unreadable.ts";
import { UsageError } from "./usage-error.ts";

/** Milliseconds of a flag's value, such as 10m. Throws UsageError. */
export function readDuration(flag: string, value: string): number {
  try {
    return parseDuration(value);
  } catch (error) {
    if (error instanceof Unreadable) throw new UsageError(`${flag} ${error.message}`);
    throw error;
  }
}
