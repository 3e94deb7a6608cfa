import type { Op } from "#adapters/sqlite/operations/operations.ts";
import type { Outcome } from "#adapters/sqlite/outcome.ts";
import type { Config } from "#config/config.ts";

/** What keeper and workers say to each other. Structured clones, so bytes travel as bytes. */
export type FromKeeper =
  /** `slot`: 0 … `config.workers` - 1; a worker that takes the place of one that ended gets its slot. */
  | { type: "start"; config: Config; slot: number }
  /** The configuration changed in keys that may change while running. */
  | { type: "config"; config: Config }
  /** Lines for /readyz; those from before don't hold any more. */
  | { type: "warnings"; warnings: readonly string[] }
  /** Outcomes of a worker's operations, in their order. */
  | { type: "outcomes"; id: number; outcomes: Outcome[] }
  /** Asks for this process's metrics, or for what it knows alone. */
  | { type: "snapshot"; id: number; of: Snapshot }
  | { type: "snapshots"; id: number; snapshots: unknown[] }
  | { type: "stop" };

export type FromWorker =
  | { type: "listening"; urls: string[] }
  | { type: "failed"; message: string }
  | { type: "operations"; id: number; ops: Op[] }
  | { type: "snapshot"; id: number; snapshot: unknown }
  /** Asks for the metrics of all workers, or for what each knows alone (web/process-view.ts). */
  | { type: "collect"; id: number; of: Snapshot };

export type Snapshot = "metrics" | "view";
