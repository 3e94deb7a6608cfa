import type { Location } from "#core/blob-store.ts";
import type { Dropped, Garbage, StoredBytes } from "#core/metadata/garbage.ts";
import { after, type Database, type Queries } from "./database.ts";
import { buryGone } from "./tombstone-rows.ts";

type StrayMethods = Pick<
  Garbage,
  "unknownLocations" | "knownBeginnings" | "noteStrays" | "strays" | "forgetStrays"
>;

const isKnown =
  "(EXISTS (SELECT 1 FROM blobs b WHERE b.location = s.location) " +
  "OR EXISTS (SELECT 1 FROM tombstones t WHERE t.location = s.location))";
const begins = (table: string) =>
  `EXISTS (SELECT 1 FROM ${table} t WHERE t.location >= s.beginning AND t.location < s.beginning || chr(1114111))`;

/** Bytes in the store that no row knows. */
export function strayMethods(db: Database): StrayMethods {
  return {
    async unknownLocations(locations) {
      const rows = await db.rows<{ location: Location }>(
        `SELECT s.location FROM unnest($1::text[]) AS s (location) WHERE NOT ${isKnown}`,
        [locations],
      );
      return rows.map(({ location }) => location);
    },

    async knownBeginnings(beginnings) {
      const rows = await db.rows<{ beginning: string }>(
        'SELECT s.beginning FROM (SELECT b COLLATE "C" AS beginning FROM unnest($1::text[]) AS b) AS s ' +
          `WHERE ${begins("blobs")} OR ${begins("tombstones")}`,
        [beginnings],
      );
      return new Set(rows.map(({ beginning }) => beginning));
    },

    noteStrays: (strays, before, now) => db.transaction((tx) => noteStrays(tx, strays, before, now)),

    strays: (limit, last) =>
      db.rows<StoredBytes & { seenAt: number }>(
        'SELECT location, size, seen_at AS "seenAt" FROM strays WHERE location > $1 ORDER BY location LIMIT $2',
        [after(last), limit],
      ),

    async forgetStrays(locations) {
      await db.change("DELETE FROM strays WHERE location = ANY ($1::text[])", [locations]);
    },
  };
}

async function noteStrays(
  tx: Queries,
  strays: readonly StoredBytes[],
  before: number,
  now: number,
): Promise<Dropped> {
  const locations = strays.map(({ location }) => location);
  await tx.rows(
    "SELECT location FROM strays WHERE location = ANY ($1::text[]) ORDER BY location FOR UPDATE",
    [locations],
  );
  await tx.change(`DELETE FROM strays s WHERE s.location = ANY ($1::text[]) AND ${isKnown}`, [locations]);
  const row = await tx.row<{ count: number; bytes: number }>(
    "WITH gone AS (DELETE FROM strays WHERE location = ANY ($1::text[]) AND seen_at < $2 RETURNING location, size), " +
      `buried AS (${buryGone("$3")}) ` +
      "SELECT count(*) AS count, coalesce(sum(size), 0)::bigint AS bytes FROM gone",
    [locations, before, now],
  );
  // In the order of their key, like the locks above. What was buried just now is known.
  await tx.change(
    "INSERT INTO strays (location, size, seen_at) SELECT s.location, s.size, $3 " +
      "FROM unnest($1::text[], $2::bigint[]) AS s (location, size) " +
      `WHERE NOT ${isKnown} ORDER BY s.location COLLATE "C" ON CONFLICT DO NOTHING`,
    [locations, strays.map(({ size }) => size), now],
  );
  const { count, bytes } = row ?? { count: 0, bytes: 0 };
  return { count, blobs: count, bytes };
}
