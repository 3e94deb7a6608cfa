import type { RepositoryName } from "#oci/reference.ts";
import type { Damage, HousekeepingRun } from "./housekeeping.ts";

/** A run as a table has it. */
export interface RunRow {
  kind: HousekeepingRun["kind"];
  startedAt: number;
  seenAt: number;
  endedAt: number | null;
  /** JSON. */
  progress: string;
  fault: string | null;
}

/** Damage as a table has it; "": of no repository alone. */
export type DamageRow = Omit<Damage, "repository"> & { repository: RepositoryName | "" };

export function runOf({ endedAt, progress, fault, ...run }: RunRow): HousekeepingRun {
  return {
    ...run,
    endedAt: endedAt ?? undefined,
    progress: JSON.parse(progress) as HousekeepingRun["progress"],
    fault: fault ?? undefined,
  };
}

export function damageOf({ repository, ...row }: DamageRow): Damage {
  return { ...row, repository: repository || undefined };
}
