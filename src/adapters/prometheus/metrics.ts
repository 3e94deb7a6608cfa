import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from "prom-client";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Meter } from "#core/meter.ts";

export interface Metrics extends Meter, Disposable {
  /** This process's values, as data that can travel between processes. */
  snapshot(): Promise<unknown>;
}

/** What is counted once for the whole registry, asked at each scrape. */
export interface RegistryCounts {
  repositories: number;
  blobs: number;
  manifests: number;
  tags: number;
  uploads: number;
  /** What is kept of each upstream, in bytes. */
  cached: readonly { upstream: string; bytes: number }[];
  /** Of the last run of garbage collection that ended; undefined: there was none. */
  garbage?: GarbageCounts | undefined;
}

export interface GarbageCounts {
  /** ms. */
  endedAt: number;
  /** Bytes that it found nobody to have any more. */
  bytes: number;
  /** Bytes still in the store then that nobody had any more. */
  waiting: number;
}

/** Counters of one process. prom-client's own registry, nothing global. */
export function createMetrics(): Metrics {
  const registers = [new Registry()];
  const labelNames = ["route", "method", "status"] as const;
  const cached = new Counter({
    name: "berth_cache_answers_total",
    help: "Answers with content of upstreams, by X-Cache: HIT, MISS, REVALIDATED, STALE",
    labelNames: ["cache"] as const,
    registers,
  });
  const requests = new Counter({
    name: "berth_http_requests_total",
    help: "Requests answered",
    labelNames,
    registers,
  });
  const seconds = new Histogram({
    name: "berth_http_request_seconds",
    help: "Time from the request's headers to the end of the answer",
    labelNames: ["route"] as const,
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 600],
    registers,
  });
  const received = new Counter({
    name: "berth_http_received_bytes_total",
    help: "Body bytes received",
    registers,
  });
  const sent = new Counter({ name: "berth_http_sent_bytes_total", help: "Body bytes sent", registers });
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  new Gauge({
    name: "berth_event_loop_lag_seconds",
    help: "Longest delay of the event loop since the last scrape, over all processes",
    registers,
    aggregator: "max",
    collect() {
      this.set(Math.max(0, delay.max - 20e6) / 1e9);
      delay.reset();
    },
  });
  return {
    request(seen) {
      requests.inc({ route: seen.route, method: seen.method, status: seen.status });
      seconds.observe({ route: seen.route }, seen.seconds);
      if (seen.cache !== undefined) cached.inc({ cache: seen.cache });
      if (seen.received > 0) received.inc(seen.received);
      if (seen.sent > 0) sent.inc(seen.sent);
    },
    snapshot: () => (registers[0] as Registry).getMetricsAsJSON(),
    [Symbol.dispose]() {
      delay.disable();
    },
  };
}

/** Adds up the processes' snapshots and says them in Prometheus' text format. */
export async function renderMetrics(
  snapshots: unknown[],
  counts: RegistryCounts,
): Promise<{ contentType: string; text: string }> {
  const whole = new Registry();
  for (const [name, help, value] of [
    ["berth_repositories", "Repositories", counts.repositories],
    ["berth_blobs", "Blobs known", counts.blobs],
    ["berth_manifests", "Manifests stored", counts.manifests],
    ["berth_tags", "Tags", counts.tags],
    ["berth_uploads_open", "Upload sessions that are not finished", counts.uploads],
  ] as const)
    new Gauge({ name, help, registers: [whole] }).set(value);
  const cached = new Gauge({
    name: "berth_cache_bytes",
    help: "Bytes kept of what came from the upstream",
    labelNames: ["upstream"] as const,
    registers: [whole],
  });
  for (const { upstream, bytes } of counts.cached) cached.set({ upstream }, bytes);
  if (counts.garbage !== undefined) {
    const { endedAt, bytes, waiting } = counts.garbage;
    for (const [name, help, value] of [
      ["berth_gc_last_end_timestamp_seconds", "When the last garbage collection ended", endedAt / 1000],
      ["berth_gc_last_bytes", "Bytes that the last garbage collection found nobody to have any more", bytes],
      ["berth_gc_waiting_bytes", "Of such bytes those that were still in the store at its end", waiting],
    ] as const)
      new Gauge({ name, help, registers: [whole] }).set(value);
  }
  const all = [...snapshots, await whole.getMetricsAsJSON()] as Parameters<
    typeof AggregatorRegistry.aggregate
  >[0];
  const merged = AggregatorRegistry.aggregate(all);
  return { contentType: merged.contentType, text: await merged.metrics() };
}
