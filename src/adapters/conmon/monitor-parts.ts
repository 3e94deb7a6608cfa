import type { MonitoredRuntime } from "#core/engine/monitored-runtime.ts";

export interface MonitorOptions {
  /** On a tmpfs, for its content means nothing after a boot; only root may enter. */
  runFolder: string;
  runtime: MonitoredRuntime;
  /** Absolute path of a container's log; rotated ones lie beside it (`.1`, `.2`, …). */
  logPath(container: string): string;
  /** What went wrong where nobody waits for an answer. */
  report(error: unknown, what: string): void;
  /** How long a reader may take nothing of a full buffer before it is cut off, ms. Until then it holds the process up. */
  patience?: number | undefined;
}
