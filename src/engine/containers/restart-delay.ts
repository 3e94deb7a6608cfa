import type { RestartPolicy } from "#core/engine/container-config.ts";

/** First pause before a restart, ms; it doubles up to the longest. */
const shortest = 100;
const longest = 60_000;
/** Who ran so long is taken for well: the pause starts from the shortest again. */
const wellAfter = 10_000;

/** How long until a container that ended starts again, ms; undefined: its policy leaves it. */
export function restartDelay(end: {
  policy: RestartPolicy;
  exitCode: number;
  /** Restarts by the policy so far. */
  restarts: number;
  stoppedByHand: boolean;
  /** The last pause; 0: none yet. */
  lastDelay: number;
  /** How long it ran, ms. */
  ran: number;
}): number | undefined {
  const { policy, exitCode, restarts, stoppedByHand, lastDelay, ran } = end;
  if (stoppedByHand) return undefined;
  const again =
    policy.Name === "always" ||
    policy.Name === "unless-stopped" ||
    (policy.Name === "on-failure" &&
      exitCode !== 0 &&
      (policy.MaximumRetryCount === 0 || restarts < policy.MaximumRetryCount));
  if (!again) return undefined;
  if (lastDelay === 0 || ran >= wellAfter) return shortest;
  return Math.min(longest, lastDelay * 2);
}
