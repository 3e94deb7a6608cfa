import type { Clock } from "#core/clock.ts";
import type { Housekeeping } from "#core/metadata/housekeeping.ts";
import type { ScrubPosition } from "#maintenance/scrub/scrub.ts";
import type { ScrubReport } from "#maintenance/scrub/scrub-report.ts";

/** Tells people, and the server that goes on with it later, how far a round of scrubbing is. */
export interface ScrubTeller {
  tell(position: ScrubPosition, report: ScrubReport): Promise<void>;
  /** @param error why it ended early */
  end(report: ScrubReport | undefined, error: unknown): Promise<void>;
}

/** ms */
const tellEvery = 2_000;
const steps = { blobs: "reading blobs", repositories: "reading manifests", copies: "looking for copies" };

/**
 * @param startedAt ms; undefined: it isn't a whole round, and so it isn't told of
 * @param before what an earlier part of this round has counted
 */
export function createScrubTeller(
  housekeeping: Pick<Housekeeping, "tell">,
  clock: Clock,
  startedAt: number | undefined,
  before: Record<string, string | number> = {},
): ScrubTeller {
  let last = -Infinity;
  let progress: Record<string, string | number> = { step: steps.blobs, position: "blobs", at: "", ...before };

  function say(position: ScrubPosition | undefined, report: ScrubReport): void {
    const sum = (key: string, now: number) => {
      const had = before[key];
      return (typeof had === "number" ? had : 0) + now;
    };
    progress = {
      ...progress,
      ...(position && { step: steps[position.step], position: position.step, at: position.at }),
      blobs: sum("blobs", report.blobs),
      manifests: sum("manifests", report.manifests),
      bytes: sum("bytes", report.bytes),
      repaired: sum("repaired", report.repaired),
      damaged: sum("damaged", report.left),
    };
  }

  async function write(endedAt: number | undefined, fault: string | undefined): Promise<void> {
    if (startedAt === undefined) return;
    await housekeeping.tell({ kind: "scrub", startedAt, seenAt: clock(), endedAt, progress, fault });
  }

  return {
    async tell(position, report) {
      say(position, report);
      if (performance.now() - last < tellEvery) return;
      last = performance.now();
      await write(undefined, undefined);
    },

    async end(report, error) {
      if (report !== undefined) {
        say(undefined, report);
        delete progress["position"];
        delete progress["at"];
        progress["step"] = "done";
      }
      await write(
        clock(),
        error === undefined ? undefined : error instanceof Error ? error.message : "it failed",
      );
    },
  };
}

/** Where a round that didn't come to its end goes on; undefined: at the beginning. */
export function positionIn(progress: Record<string, string | number>): ScrubPosition | undefined {
  const { position, at } = progress;
  return (position === "blobs" || position === "repositories" || position === "copies") &&
    typeof at === "string"
    ? { step: position, at }
    : undefined;
}
