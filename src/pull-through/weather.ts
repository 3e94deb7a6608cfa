import { AppError } from "#core/errors.ts";
import type { Clock } from "#core/clock.ts";
import type { UpstreamAllowance } from "#core/upstream.ts";

/** Whether an upstream is to be asked at all now: it said how often it may be, or has failed too often in a row. */
export interface Weather {
  /**
   * Does `work`, unless the upstream is to be left alone: then throws upstream-limited or upstream-failed, with
   * `retryAfter`, at once.
   */
  ask<T>(work: () => Promise<T>): Promise<T>;
  /** Why it is left alone at this moment; undefined: it isn't. */
  fault(): string | undefined;
  /** The upstream told how much may still be asked. */
  allow(allowance: UpstreamAllowance): void;
}

/** Failures in a row after which it is left alone. */
const patience = 5;
/** How long at first, ms; twice as long after each trial that fails. */
const firstPause = 5_000;
const longestPause = 120_000;
/** For a 429 that doesn't say how long, ms. */
const limitedPause = 30_000;
/** An allowance that is used up comes back bit by bit: it is tried again after so long at the latest, ms. */
const longestRation = 60_000;

/** @param name of the upstream, for messages. */
export function createWeather(name: string, clock: Clock): Weather {
  let failures = 0;
  let pause: { from: number; until: number; why: "upstream-limited" | "upstream-failed" } | undefined;
  /** After a pause for failures one request is let through, to see. */
  let trying = false;

  function rest(ms: number, why: "upstream-limited" | "upstream-failed"): void {
    const from = clock();
    if (pause === undefined || from + ms > pause.until || from < pause.from)
      pause = { from, until: from + ms, why };
  }

  /** Throws while it is to be left alone. */
  function look(): void {
    const now = clock();
    if (pause !== undefined && now >= pause.from && now < pause.until)
      throw leftAlone(name, pause.why, Math.ceil((pause.until - now) / 1000));
    pause = undefined;
    if (failures >= patience && trying) throw leftAlone(name, "upstream-failed", 1);
  }

  return {
    async ask(work) {
      look();
      const trial = failures >= patience;
      if (trial) trying = true;
      try {
        const answer = await work();
        failures = 0;
        return answer;
      } catch (error) {
        const code = error instanceof AppError ? error.code : undefined;
        if (code === "upstream-failed") {
          // What was under way already when it was left alone failed of the same.
          if (trial || failures < patience) {
            failures++;
            if (failures >= patience)
              rest(Math.min(longestPause, firstPause * 2 ** (failures - patience)), "upstream-failed");
          }
        } else if (code?.startsWith("upstream-") === true) {
          // It answered, whatever it said.
          failures = 0;
          if (error instanceof AppError && code === "upstream-limited")
            rest(error.retryAfter === undefined ? limitedPause : error.retryAfter * 1000, "upstream-limited");
        }
        throw error;
      } finally {
        if (trial) trying = false;
      }
    },

    fault() {
      try {
        look();
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : undefined;
      }
    },

    allow({ remaining, resets }) {
      if (remaining === 0)
        rest(Math.min(longestRation, (resets ?? longestRation / 1000) * 1000), "upstream-limited");
    },
  };
}

function leftAlone(name: string, code: "upstream-limited" | "upstream-failed", seconds: number): AppError {
  const why =
    code === "upstream-limited"
      ? "lets no more be pulled for now (its rate limit)"
      : "failed too often and is left alone for a moment";
  return new AppError(code, `upstream ${name} ${why}: try again in ${seconds} s`, {
    subject: name,
    retryAfter: Math.max(1, seconds),
  });
}
