import type { Pace } from "./pace.ts";
import type { GcRules } from "./gc-rules.ts";
import type { Tally } from "./gc-report.ts";

/** What the steps of one run have in common. */
export interface Round {
  rules: GcRules;
  /** ms; when the run began. */
  now: number;
  /** Only choose: nothing is written. */
  dry: boolean;
  pace: Pace;
  tally: Tally;
}
