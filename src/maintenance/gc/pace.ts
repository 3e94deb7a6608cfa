import { setTimeout as pause } from "node:timers/promises";

/** Rows of one step at most. */
const mostRows = 200;
const fewestRows = 10;
/** A step shall take about so long, ms: a push that comes meanwhile waits for its end, some do so several times. */
const stepFor = 5;
/** A step that was slow for reasons of its own (a bucket that hangs) holds up the next no longer, ms. */
const longestPause = 10_000;

/** Lets a long work go on in small steps with room for others between them. */
export interface Pace {
  /** Rows for the next step. */
  rows(): number;
  /** Between two steps: pauses in proportion to the work since the last pause. Throws the signal's reason. */
  breathe(): Promise<void>;
}

/**
 * @param share percent of the time that may be worked
 * @param rest waits so many ms, or until the signal ends it
 */
export function createPace(
  share: () => number,
  signal: AbortSignal,
  rest: (ms: number, signal: AbortSignal) => Promise<void> = restFor,
): Pace {
  let began = performance.now();
  let rows = mostRows;
  return {
    rows: () => rows,
    async breathe() {
      signal.throwIfAborted();
      const worked = performance.now() - began;
      if (worked > 2 * stepFor) rows = Math.max(fewestRows, rows >> 1);
      else if (worked < stepFor) rows = Math.min(mostRows, rows << 1);
      const percent = Math.min(100, Math.max(1, share()));
      const ms = Math.min(longestPause, (worked * (100 - percent)) / percent);
      if (ms >= 1) await rest(ms, signal);
      signal.throwIfAborted();
      began = performance.now();
    },
  };
}

async function restFor(ms: number, signal: AbortSignal): Promise<void> {
  // An abort ends the pause; `breathe` throws its reason.
  await pause(ms, undefined, { signal }).catch(() => undefined);
}
