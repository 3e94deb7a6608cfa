import type { AppError } from "#core/errors.ts";
import type { RuntimeSpec } from "#oci/runtime-spec.ts";

/** What the monitor needs of a runtime; adapters/oci-runtime's OciRuntime has all of it. */
export interface MonitoredRuntime {
  facts: { program: string; root: string };
  prepare(spec: RuntimeSpec): Promise<RuntimeSpec>;
  made(id: string, spec: RuntimeSpec): Promise<void>;
  start(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  oomKilled(id: string): Promise<boolean>;
  waits(id: string): boolean;
  list(): Promise<string[]>;
  sweep(known: ReadonlySet<string>): Promise<void>;
  startFault(step: "create" | "start" | "exec", words: string, program: string): AppError;
}

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
