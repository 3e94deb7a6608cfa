/** What a load generator saw: counts over `seconds` of wall time, latencies of one operation in ms. */
export interface LoadResult {
  operations: number;
  /** Payload bytes (reads: with response headers), sent or received. */
  bytes: number;
  seconds: number;
  p50: number;
  p99: number;
}

/** Peak of the sums over a server's whole process tree, bytes. */
export interface PeakMemory {
  pss: number;
  rss: number;
  processes: number;
}

/** One row of one server in one round. */
export interface Measurement {
  /** In the row's unit. */
  value: number;
  /** Of which two times the value is the ratio, ms: through a server, and without it. */
  of?: { through: number; direct: number };
  /** Each operation's, ms, where they are few. */
  times?: readonly number[];
  load?: LoadResult;
  memory?: PeakMemory;
}

/** `×` is a ratio. */
export type Unit = "/s" | "s" | "MB/s" | "ms" | "MB" | "×" | "clients";

/** The figure of a load in a row's unit; MB are 10^6 bytes. */
export function valueOf(load: LoadResult, unit: Unit): number {
  if (unit === "MB/s") return load.bytes / 1e6 / load.seconds;
  return unit === "/s" ? load.operations / load.seconds : load.p50;
}
