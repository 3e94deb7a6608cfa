import type { Logger } from "pino";
import type { Metadata } from "#core/metadata/metadata.ts";
import { createEviction } from "#pull-through/evict.ts";
import type { Upkeep } from "../servers/upkeep-lease.ts";
import type { Settings } from "../settings.ts";

/** ms */
const every = 15_000;

export interface CacheEviction extends AsyncDisposable {
  /** Looks now, such as when the limits changed. */
  now(): void;
}

/** Keeps the cache below its limits while the upkeep is ours; one round at a time. */
export function scheduleEviction(
  settings: Pick<Settings, "config">,
  metadata: Pick<Metadata, "cached" | "repositories" | "now">,
  upkeep: Upkeep,
  log: Logger,
): CacheEviction {
  const { cached, repositories } = metadata;
  const eviction = createEviction({
    cached,
    repositories,
    limits: settings.config,
    clock: () => metadata.now(),
    stuck(upstream, bytes, limit) {
      const [what, key] =
        upstream === undefined
          ? ["the cache", "cache.max_bytes"]
          : [`what is cached of ${upstream}`, `max_bytes of the upstream ${upstream}`];
      log.warn(
        { upstream, bytes, limit },
        `${what} has ${bytes} bytes, and ${key} is ${limit}, but nothing more can be evicted: the rest is pinned ` +
          `(upstreams[].pinned, berth mirror) or was pulled in the last minutes; raise ${key}, or pin less`,
      );
    },
  });
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let again = false;
  let failing = false;

  async function evict(): Promise<void> {
    const sum = { bytes: 0, pieces: 0 };
    let failure: unknown;
    try {
      do {
        again = false;
        const report = await eviction.round(stopping.signal);
        sum.bytes += report.bytes;
        sum.pieces += report.pieces;
        again ||= report.more;
      } while (again && upkeep.mine() && !stopping.signal.aborted);
    } catch (err) {
      failure = err;
    }
    if (sum.pieces > 0) log.info(sum, "evicted from the cache");
    if (stopping.signal.aborted) return;
    // Once, not every time.
    if (failure !== undefined && !failing)
      log.error({ err: failure }, "evicting from the cache failed; it is tried again every 15 s");
    failing = failure !== undefined;
  }

  function run(): void {
    if (!upkeep.mine()) return;
    again = true;
    running ??= evict().finally(() => (running = undefined));
  }
  const begins = upkeep.whenMine(run);
  const timer = setInterval(run, every);
  return {
    now: run,
    async [Symbol.asyncDispose]() {
      begins[Symbol.dispose]();
      clearInterval(timer);
      stopping.abort();
      await running;
    },
  };
}
