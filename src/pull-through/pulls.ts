import type { Clock } from "#core/clock.ts";
import type { CachedContent, Pulled } from "#core/metadata/cached-content.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";

/** Remembers what was pulled from the cache, so that eviction takes what nobody pulls. */
export interface Pulls {
  /** The blob or manifest was pulled just now. Costs a pull nothing and never throws. @param repository cached name */
  note(repository: RepositoryName, digest: Digest): void;
}

export interface PullsParts {
  cached: Pick<CachedContent, "pulled">;
  clock: Clock;
  /** ms between two writes. */
  every?: number;
  /** What a write failed with, once until one goes well again. What it was to write is kept for the next. */
  onFailed: (error: unknown) => void;
}

/** Of one transaction. */
const batch = 500;
/** Kept until they are written; beyond, the oldest are forgotten, and count as pulled when they last were before. */
const most = 20_000;

/** Gathers pulls in memory, the last time of each, and writes them in batches, the last ones when disposed. */
export function createPulls(parts: PullsParts): Pulls & AsyncDisposable {
  const { cached, clock, onFailed } = parts;
  /** By repository and digest; least recently pulled first. */
  let waiting = new Map<string, Pulled>();
  let failing = false;
  let running: Promise<void> | undefined;

  function add(key: string, pulled: Pulled): void {
    waiting.delete(key);
    waiting.set(key, pulled);
    if (waiting.size <= most) return;
    const oldest = waiting.keys().next();
    if (oldest.done !== true) waiting.delete(oldest.value);
  }

  async function write(): Promise<void> {
    // No more than is there now: who goes on pulling must not keep this from ending.
    for (let left = Math.ceil(waiting.size / batch); left > 0; left--) {
      const taken = [...waiting].slice(0, batch);
      for (const [key] of taken) waiting.delete(key);
      try {
        await cached.pulled(taken.map(([, pulled]) => pulled));
        failing = false;
      } catch (error) {
        const since = waiting;
        waiting = new Map();
        for (const [key, pulled] of [...taken, ...since]) add(key, pulled);
        if (!failing) onFailed(error);
        failing = true;
        return;
      }
    }
  }

  const run = () => (running ??= write().finally(() => (running = undefined)));
  const timer = setInterval(() => void run(), parts.every ?? 10_000);
  timer.unref();
  return {
    note(repository, digest) {
      add(`${repository} ${digest}`, { repository, digest, at: clock() });
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running;
      await run();
    },
  };
}
