/**
 * Eviction: keeps what came from upstreams below its limits. Takes the least recently pulled out of the cached
 * repositories; where bytes lie that nobody has then is a tombstone, and garbage collection removes them. Never touches a
 * hosted repository, and a blob that one uses stays where it is. One round: how much is there → down to the low water.
 */
import type { Clock } from "#core/clock.ts";
import type { Live } from "#core/live.ts";
import { pullsApart, type CachedContent, type CacheUsage } from "#core/metadata/cached-content.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import { atRest, bytesOf, evictDown, type Bounded, type Progress } from "./evict-down.ts";
import type { KeptReads } from "./evict-kept.ts";
import type { CacheLimits } from "./evict-limits.ts";
import { createPins } from "./evict-pins.ts";
import type { RoundWork } from "./evict-sweep.ts";

export interface EvictionParts {
  cached: Pick<CachedContent, "usage" | "coldest" | "evict" | "holder" | "mirrors">;
  repositories: Pick<Repositories, KeptReads>;
  limits: Live<CacheLimits>;
  clock: Clock;
  /** Told once when a limit can't be kept, until it is again. @param upstream undefined: the limit in all */
  stuck: (upstream: string | undefined, bytes: number, limit: number) => void;
}

export interface EvictionReport {
  /** Of blobs that nobody has any more and of manifests taken out. */
  bytes: number;
  pieces: number;
  /** The round ended because it had done enough: the next one goes on at once. */
  more: boolean;
}

export interface Eviction {
  /** One bounded piece of work. One at a time. Throws what the metadata store throws; the next one goes on from there. */
  round(signal: AbortSignal): Promise<EvictionReport>;
}

/** What was pulled within so long stays, ms: a minute, and by how much the recorded time may lag behind. */
const recent = 60_000 + 2 * pullsApart;
const looksOfRound = 10_000;

export function createEviction(parts: EvictionParts): Eviction {
  const { cached, repositories, clock, stuck } = parts;
  let progresses = new Map<string | undefined, Progress>();
  /** What they were the last time, as text. */
  let before: string | undefined;

  function progressOf(upstream: string | undefined): Progress {
    const progress = progresses.get(upstream) ?? atRest();
    progresses.set(upstream, progress);
    return progress;
  }

  /** @returns whether another round could go on at once */
  async function bringDown(limits: CacheLimits, work: RoundWork, signal: AbortSignal): Promise<boolean> {
    const now = clock();
    let usage = await cached.usage();
    const pins = createPins(repositories, limits, await cached.mirrors(), signal);
    const sweep = { cached, pins, now, before: now - recent, signal };
    for (const bounded of boundedBy(limits, usage)) {
      const progress = progressOf(bounded.upstream);
      const there = await evictDown(bounded, progress, usage, sweep, work);
      usage = there.usage;
      if (!progress.told && now - (progress.stuckSince ?? now) >= recent) {
        progress.told = true;
        stuck(bounded.upstream, bytesOf(usage, bounded.upstream), bounded.limit);
      }
      if (there.more || signal.aborted) return there.more;
    }
    return false;
  }

  return {
    async round(signal) {
      const limits = parts.limits.current;
      const now = asText(limits);
      if (now !== before) progresses = new Map();
      before = now;
      const work: RoundWork = { looks: looksOfRound, bytes: 0, pieces: 0 };
      const more = isBounded(limits) && (await bringDown(limits, work, signal));
      return { bytes: work.bytes, pieces: work.pieces, more };
    },
  };
}

/** A configuration is read again for other keys, too. */
function asText({ upstreams, cache }: CacheLimits): string {
  const all = upstreams.map(({ name, max_bytes, pinned }) => [name, max_bytes ?? 0, pinned]);
  return JSON.stringify([cache, all]);
}

function isBounded({ upstreams, cache }: CacheLimits): boolean {
  return cache.max_bytes !== undefined || upstreams.some(({ max_bytes }) => max_bytes !== undefined);
}

/** Each upstream with a limit of its own, then all together: first what no configured upstream answers for. */
function boundedBy({ upstreams, cache }: CacheLimits, usage: CacheUsage): Bounded[] {
  const marks = (limit: number) => ({
    limit,
    high: Math.floor((limit * cache.high_water) / 100),
    low: Math.floor((limit * cache.low_water) / 100),
  });
  const own: Bounded[] = upstreams.flatMap(({ name, max_bytes }) =>
    max_bytes === undefined ? [] : [{ upstream: name, ...marks(max_bytes), from: [name] }],
  );
  if (cache.max_bytes === undefined) return own;
  const configured = new Set(upstreams.map(({ name }) => name));
  const left = usage.upstreams.map(({ upstream }) => upstream).filter((name) => !configured.has(name));
  return [...own, { upstream: undefined, ...marks(cache.max_bytes), from: [...left, undefined] }];
}
