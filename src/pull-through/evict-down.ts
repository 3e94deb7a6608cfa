import type { CachedContent, CacheUsage } from "#core/metadata/cached-content.ts";
import { sweepOn, type RoundWork, type Sweep, type SweepParts } from "./evict-sweep.ts";

/** Something that is kept below a limit: what came from one upstream, or all of it. */
export interface Bounded {
  /** Undefined: all upstreams together. */
  readonly upstream: string | undefined;
  /** Bytes: above `high` eviction begins, and goes down to `low`. */
  readonly limit: number;
  readonly high: number;
  readonly low: number;
  /** Where the pieces are taken from, one after the other; undefined: from all upstreams. */
  readonly from: readonly (string | undefined)[];
}

/** How far it has come, from one round to the next. */
export interface Progress {
  /** It was above its high water, and isn't down at the low one yet. */
  going: boolean;
  sweeps: Map<string | undefined, Sweep>;
  /** Since when (ms) it has been above the high water although all was evicted that could be. */
  stuckSince: number | undefined;
  told: boolean;
}

export const atRest = (): Progress => ({
  going: false,
  sweeps: new Map(),
  stuckSince: undefined,
  told: false,
});

/** What was pinned may not be any more: after so long (ms) a sweep that came to its end begins anew. */
const sweepAgain = 10 * 60_000;

/**
 * Brings it down to its low water when it is above its high one, as far as the round's work goes.
 * @param usage as it is now
 * @returns it as it is then, and whether another round could go on at once.
 */
export async function evictDown(
  bounded: Bounded,
  progress: Progress,
  usage: CacheUsage,
  parts: SweepParts & { cached: Pick<CachedContent, "usage"> },
  work: RoundWork,
): Promise<{ usage: CacheUsage; more: boolean }> {
  const { cached, now, signal } = parts;
  const { high, low } = bounded;
  const bytes = () => bytesOf(usage, bounded.upstream);
  if (bytes() <= (progress.going ? low : high)) return calm();
  progress.going = true;
  const counted =
    bounded.upstream === undefined ? usage.upstreams.map((one) => one.upstream) : [bounded.upstream];
  for (const upstream of bounded.from) {
    const sweep = sweepOf(progress, upstream, now);
    for (let at: "end" | "more" = "more"; at === "more" && bytes() > low;) {
      if (work.looks <= 0 || signal.aborted) return { usage, more: !signal.aborted };
      const before = work.pieces;
      at = await sweepOn(sweep, bytes() - low, counted, parts, work);
      // Asking costs a look at each row: not for nothing.
      if (work.pieces > before) usage = await cached.usage();
    }
  }
  if (bytes() <= low) return calm();
  progress.going = false;
  progress.stuckSince = bytes() > high ? (progress.stuckSince ?? now) : undefined;
  return { usage, more: false };

  function calm() {
    Object.assign(progress, atRest());
    return { usage, more: false };
  }
}

export function bytesOf(usage: CacheUsage, upstream: string | undefined): number {
  if (upstream === undefined) return usage.total;
  return usage.upstreams.find((one) => one.upstream === upstream)?.bytes ?? 0;
}

function sweepOf({ sweeps }: Progress, upstream: string | undefined, now: number): Sweep {
  const known = sweeps.get(upstream);
  if (known !== undefined && now - (known.endedAt ?? now) < sweepAgain) return known;
  const sweep: Sweep = { upstream, after: undefined, endedAt: undefined };
  sweeps.set(upstream, sweep);
  return sweep;
}
