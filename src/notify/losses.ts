import type { Clock } from "#core/clock.ts";

/** Counts what there was no room for, and tells of it now and then. */
export interface Losses {
  add(count: number): void;
  /** Tells what was added since the last time, unless that is less than `apart` ago. */
  tellWhenDue(): void;
  tell(): void;
}

/** @param apart ms */
export function createLosses(onLost: (count: number) => void, clock: Clock, apart: number): Losses {
  let lost = 0;
  let toldAt = -Infinity;

  function tell(): void {
    if (lost === 0) return;
    onLost(lost);
    toldAt = clock();
    lost = 0;
  }

  return {
    add: (count) => void (lost += count),
    tellWhenDue() {
      if (clock() - toldAt >= apart) tell();
    },
    tell,
  };
}
