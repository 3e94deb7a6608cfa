import type { Damage, HousekeepingRun } from "#core/metadata/housekeeping.ts";
import { damageOf, runOf, type DamageRow, type RunRow } from "#core/metadata/housekeeping-rows.ts";
import type { Connection } from "../connection.ts";

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
    runs: (): HousekeepingRun[] => runs.all().map(runOf),
    damage: (limit: number): Damage[] => damage.all(limit).map(damageOf),
  };
}
