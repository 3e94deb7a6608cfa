import type { Clock } from "#core/clock.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Pace } from "./pace.ts";
import type { GcRules } from "./gc-rules.ts";
import type { Past } from "./lived-time.ts";
import type { Tally } from "./gc-report.ts";

/** What the steps of one run have in common. */
export interface Round {
  rules: GcRules;
  /** What was marked before this is older than so long; as of when the run began: what is old enough then is chosen. */
  past: Past;
  /**
   * Whether a push that is under way may need what nothing names since then: an upload there began before, or within the
   * grace after. So a layer that takes longer than the grace doesn't lose those that came with it.
   */
  pushing(repository: RepositoryName, since: number): boolean;
  /** What happens, happens when it does: readers have their time from then on, however long a run takes. */
  clock: Clock;
  /** Only choose: nothing is written. */
  dry: boolean;
  pace: Pace;
  tally: Tally;
}
