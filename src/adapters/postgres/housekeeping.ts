import type { Damage, Housekeeping } from "#core/metadata/housekeeping.ts";
import { damageOf, runOf, type DamageRow, type RunRow } from "#core/metadata/housekeeping-rows.ts";
import type { Database } from "./database.ts";

type Key = Pick<Damage, "digest" | "kind" | "repository">;

/** Housekeeping of the seam. */
export function postgresHousekeeping(db: Database): Housekeeping {
  return {
    async tell({ kind, startedAt, seenAt, endedAt, progress, fault }) {
      // A run that began earlier says nothing any more.
      await db.change(
        "INSERT INTO housekeeping_runs AS r (kind, started_at, seen_at, ended_at, progress, fault) " +
          "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (kind) DO UPDATE SET started_at = excluded.started_at, " +
          "seen_at = excluded.seen_at, ended_at = excluded.ended_at, progress = excluded.progress, " +
          "fault = excluded.fault WHERE excluded.started_at >= r.started_at OR r.started_at > excluded.seen_at",
        [kind, startedAt, seenAt, endedAt ?? null, JSON.stringify(progress), fault ?? null],
      );
    },

    async runs() {
      const rows = await db.rows<RunRow>(
        'SELECT kind, started_at AS "startedAt", seen_at AS "seenAt", ended_at AS "endedAt", progress, fault ' +
          "FROM housekeeping_runs ORDER BY kind",
      );
      return rows.map(runOf);
    },

    async found(damage) {
      // One statement can't change a row twice: the last word counts, as with one after the other.
      const rows = [...new Map(damage.map((each) => [keyOf(each), each])).values()].sort(byKey);
      if (rows.length === 0) return;
      await db.change(
        "INSERT INTO damage (digest, kind, repository, why, found_at) " +
          "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) " +
          "ON CONFLICT (digest, kind, repository) DO UPDATE SET why = excluded.why",
        [...keyColumns(rows), rows.map(({ why }) => why), rows.map(({ foundAt }) => foundAt)],
      );
    },

    async repaired(damage) {
      if (damage.length === 0) return;
      await db.change(
        "DELETE FROM damage d USING unnest($1::text[], $2::text[], $3::text[]) AS gone (digest, kind, repository) " +
          "WHERE d.digest = gone.digest AND d.kind = gone.kind AND d.repository = gone.repository",
        keyColumns(damage),
      );
    },

    async damage(limit) {
      const rows = await db.rows<DamageRow>(
        'SELECT digest, kind, repository, why, found_at AS "foundAt" FROM damage ' +
          "ORDER BY digest, kind, repository LIMIT $1",
        [limit],
      );
      return rows.map(damageOf);
    },
  };
}

function keyOf({ digest, kind, repository }: Key): string {
  return `${digest} ${kind} ${repository ?? ""}`;
}

/** Everybody locks rows in one order. */
function byKey(a: Key, b: Key): number {
  return keyOf(a) < keyOf(b) ? -1 : 1;
}

function keyColumns(rows: readonly Key[]): string[][] {
  return [
    rows.map(({ digest }) => digest),
    rows.map(({ kind }) => kind),
    rows.map(({ repository }) => repository ?? ""),
  ];
}
