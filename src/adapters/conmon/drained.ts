import type { FanOut } from "./fan-out.ts";
import { within } from "#kit/within.ts";

/**
 * Waits until all output has come: while a slow reader holds it up as long as that takes, else at most `time` ms.
 * @param quiet nothing comes any more
 */
export async function drained(quiet: Promise<void>, streams: FanOut, time: number): Promise<void> {
  let over = false;
  void quiet.then(() => {
    over = true;
  });
  do await within(quiet, time);
  while (!over && streams.full());
}
