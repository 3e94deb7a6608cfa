import type { AppError } from "../errors.ts";
import type { RuntimeSpec } from "#oci/runtime-spec.ts";
import type { RuntimeFacts } from "./runtime.ts";

/** What a Monitor needs of the runtime whose containers it keeps. */
export interface MonitoredRuntime {
  readonly facts: Pick<RuntimeFacts, "program" | "root">;
  /** What goes into the bundle. */
  prepare(spec: RuntimeSpec): Promise<RuntimeSpec>;
  /** Learns from a container that was made with a prepared spec. Never throws. */
  made(id: string, spec: RuntimeSpec): Promise<void>;
  /** Throws start-failed. */
  start(id: string): Promise<void>;
  /** Ends what runs of it and takes away its state and cgroups; one that isn't there is fine. */
  remove(id: string): Promise<void>;
  /** Whether memory ran out in it; false when its cgroup is gone. */
  oomKilled(id: string): Promise<boolean>;
  /** Made, not started. */
  waits(id: string): boolean;
  list(): Promise<string[]>;
  /** Removes cgroups that a killed runtime left. */
  sweep(known: ReadonlySet<string>): Promise<void>;
  startFault(step: "create" | "start" | "exec", words: string, program: string): AppError;
}
