import type { Clock } from "#core/clock.ts";
import type { Pace } from "./pace.ts";
import type { GcRules } from "./gc-rules.ts";
import type { Tally } from "./gc-report.ts";

/** What the steps of one run have in common. */
export interface Round {
  rules: GcRules;
  /** ms; when the run began: what is old enough then is chosen. */
  now: number;
  /** What happens, happens when it does: readers have their time from then on, however long a run takes. */
  clock: Clock;
  /** Only choose: nothing is written. */
  dry: boolean;
  pace: Pace;
  tally: Tally;
}
