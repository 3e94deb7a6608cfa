import type { Clock } from "#core/clock.ts";
import type { Housekeeping } from "#core/metadata/housekeeping.ts";
import type { GcReport, Tally } from "./gc-report.ts";

/** ms */
const atMostEvery = 2_000;

/** Says how far a run is where people look (core/metadata/housekeeping). @param to undefined: nowhere */
export function createTelling(
  to: Pick<Housekeeping, "tell"> | undefined,
  clock: Clock,
  tally: Tally,
): {
  /** What can't be told holds up nothing: a full disk, say, which the run makes room on. */
  step(name: string): Promise<void>;
  /** @param did of a run that came to its end */
  end(did: Pick<GcReport, "freed" | "waiting"> | undefined, fault: string | undefined): Promise<void>;
} {
  const startedAt = clock();
  let told = -Infinity;

  async function tell(
    more: Record<string, string | number>,
    endedAt: number | undefined,
    fault: string | undefined,
  ) {
    told = performance.now();
    const counts = {
      uploads: tally.count("unfinished"),
      manifests: tally.count("untagged") + tally.count("referrer"),
      tags: tally.count("signature"),
      blobs: tally.count("unused"),
      strays: tally.count("stray"),
      bytes: tally.bytes(),
    };
    await to?.tell({
      kind: "gc",
      startedAt,
      seenAt: clock(),
      endedAt,
      progress: { ...more, ...counts },
      fault,
    });
  }

  return {
    async step(name) {
      if (performance.now() - told < atMostEvery) return;
      await tell({ step: name }, undefined, undefined).catch(() => undefined);
    },
    end(did, fault) {
      const more = did && { removed: did.freed.blobs, freed: did.freed.bytes, waiting: did.waiting.bytes };
      return tell(more ?? {}, clock(), fault);
    },
  };
}
