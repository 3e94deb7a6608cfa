import type { LoadResult, Measurement, PeakMemory } from "../measurement.ts";
import { watchMemory } from "../memory.ts";
import type { PullReport } from "../pull/job.ts";
import type { LinkJob } from "../servers/link-job.ts";
import { startLink } from "../servers/link.ts";
import type { CacheServer, Server } from "../servers/server.ts";
import type { Upstream } from "../servers/upstream.ts";
import { percentile } from "../statistics.ts";
import type { Bout } from "./workload.ts";

/** Somewhere to pull from. */
export type Place = Pick<CacheServer, "host" | "port" | "prefix">;

export interface CacheBout {
  /** The bout's server, with nothing in it. */
  cache: CacheServer;
  /** The same upstream as the cache has it. */
  direct: Place;
  /** The upstream itself, where images are put. */
  upstream: Upstream;
}

/** How the upstream is reached, and how the cache is set. */
export interface CacheSetting {
  link?: Pick<LinkJob, "bytesPerSecond" | "delay">;
  ttl?: string;
}

/** The bout's server as a cache of the run's upstream, in an empty folder; it ends whatever happens. */
export async function onCache(
  { server, upstream, folder, signal }: Bout,
  work: (parts: CacheBout) => Promise<Measurement[]>,
  { link, ttl }: CacheSetting = {},
): Promise<Measurement[]> {
  if (upstream === undefined || server.startCache === undefined) return [];
  await using far = link && (await startLink(upstream, link, folder, signal));
  const { host, port } = far ?? upstream;
  await using cache = await server.startCache(folder, signal, { host, port, ttl });
  return await work({ cache, upstream, direct: { host, port, prefix: "" } });
}

export function needsCache(server: Server): string | undefined {
  return server.startCache === undefined ? "is no pull-through cache" : undefined;
}

/** Works while the cache's memory is sampled, that of its child processes too. */
export async function withMemory<T>(
  { pid }: CacheServer,
  work: () => Promise<T>,
): Promise<{ result: T; memory: { memory?: PeakMemory } }> {
  const watch = pid === undefined ? undefined : watchMemory(pid);
  let memory: PeakMemory | undefined;
  try {
    const result = await work();
    memory = watch?.stop();
    return { result, memory: memory === undefined ? {} : { memory } };
  } finally {
    watch?.stop();
  }
}

/** Pulls that failed leave nothing to compare. */
export function whole(report: PullReport): PullReport {
  if (report.failed === 0) return report;
  throw new Error(`${report.failed} pulls failed: ${report.faults.join("; ")}`);
}

/** A report as a load whose operations are whole pulls. */
export function pulled({ bytes, seconds, pulls }: PullReport): LoadResult {
  const [p50, p99] = [percentile(pulls, 0.5), percentile(pulls, 0.99)];
  return { operations: pulls.length, bytes, seconds, p50, p99 };
}
