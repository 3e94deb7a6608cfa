import type { Damage, HousekeepingRun } from "#core/metadata/housekeeping.ts";
import type { Connection } from "../connection.ts";

/** What housekeeping tells of its runs, and the damage that it knows of. */
export function housekeepingOperations(db: Connection) {
  // A run that began earlier says nothing any more; one that began in the future did by a clock that went wrong.
  const tell = db.prepare<[string, number, number, number | null, string, string | null]>(
    "INSERT INTO housekeeping_runs (kind, started_at, seen_at, ended_at, progress, fault) " +
      "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kind) DO UPDATE SET started_at = excluded.started_at, " +
      "seen_at = excluded.seen_at, ended_at = excluded.ended_at, progress = excluded.progress, " +
      "fault = excluded.fault WHERE excluded.started_at >= housekeeping_runs.started_at " +
      "OR housekeeping_runs.started_at > excluded.seen_at",
  );
  const found = db.prepare<[string, string, string, string, number]>(
    "INSERT INTO damage (digest, kind, repository, why, found_at) VALUES (?, ?, ?, ?, ?) " +
      "ON CONFLICT (digest, kind, repository) DO UPDATE SET why = excluded.why",
  );
  const repaired = db.prepare<[string, string, string]>(
    "DELETE FROM damage WHERE digest = ? AND kind = ? AND repository = ?",
  );

  return {
    tellRun({ run }: { run: HousekeepingRun }): void {
      const { kind, startedAt, seenAt, endedAt, progress, fault } = run;
      tell.run(kind, startedAt, seenAt, endedAt ?? null, JSON.stringify(progress), fault ?? null);
    },

    foundDamage({ damage }: { damage: readonly Damage[] }): void {
      for (const { digest, kind, repository, why, foundAt } of damage)
        found.run(digest, kind, repository ?? "", why, foundAt);
    },

    repairedDamage({ damage }: { damage: readonly Pick<Damage, "digest" | "kind" | "repository">[] }): void {
      for (const { digest, kind, repository } of damage) repaired.run(digest, kind, repository ?? "");
    },
  };
}

export type HousekeepingOperations = ReturnType<typeof housekeepingOperations>;
