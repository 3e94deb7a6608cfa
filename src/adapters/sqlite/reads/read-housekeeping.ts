import type { Damage, HousekeepingRun } from "#core/metadata/housekeeping.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Connection } from "../connection.ts";

interface RunRow {
  kind: HousekeepingRun["kind"];
  startedAt: number;
  seenAt: number;
  endedAt: number | null;
  progress: string;
  fault: string | null;
}

type DamageRow = Omit<Damage, "repository"> & { repository: RepositoryName | "" };

/** Reads of housekeeping's runs and of known damage. */
export function housekeepingReads(db: Connection) {
  const runs = db.prepare<[], RunRow>(
    "SELECT kind, started_at AS startedAt, seen_at AS seenAt, ended_at AS endedAt, progress, fault " +
      "FROM housekeeping_runs ORDER BY kind",
  );
  const damage = db.prepare<[number], DamageRow>(
    "SELECT digest, kind, repository, why, found_at AS foundAt FROM damage " +
      "ORDER BY digest, kind, repository LIMIT ?",
  );
  return {
    runs: (): HousekeepingRun[] =>
      runs.all().map(({ endedAt, progress, fault, ...run }) => ({
        ...run,
        endedAt: endedAt ?? undefined,
        progress: JSON.parse(progress) as HousekeepingRun["progress"],
        fault: fault ?? undefined,
      })),
    damage: (limit: number): Damage[] =>
      damage.all(limit).map(({ repository, ...row }) => ({ ...row, repository: repository || undefined })),
  };
}
