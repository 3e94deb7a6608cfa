import type { Leases } from "#core/metadata/leases.ts";
import { databaseNow } from "./clock.ts";
import type { Database } from "./database.ts";

/** Leases as rows; each decision is made under the lock of its row, with the time at that moment. */
export function postgresLeases(db: Database): Leases {
  return {
    // May run twice: its own holder gets the same one again.
    take: (name, holder, ttl) =>
      db.transaction(async (tx) => {
        const taken = await tx.row<{ fence: number }>(
          "INSERT INTO leases AS l (name, holder, until, fence) " +
            `VALUES ($1, $2, ${databaseNow} + $3::bigint, (SELECT coalesce(max(fence), 0) + 1 FROM leases)) ` +
            "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, " +
            `until = ${databaseNow} + $3::bigint, ` +
            `fence = CASE WHEN l.holder = excluded.holder AND l.until > ${databaseNow} THEN l.fence ELSE greatest(l.fence + 1, excluded.fence) END ` +
            `WHERE l.holder = excluded.holder OR l.until <= ${databaseNow} RETURNING fence`,
          [name, holder, ttl],
        );
        if (taken === undefined) return undefined;
        // The largest fence stays, so that the next is larger; a row that is locked is being taken.
        await tx.change(
          "DELETE FROM leases WHERE name IN (SELECT name FROM leases " +
            `WHERE until <= ${databaseNow} AND fence < (SELECT max(fence) FROM leases) FOR UPDATE SKIP LOCKED)`,
        );
        return { name, holder, fence: taken.fence };
      }),

    async renew({ name, holder, fence }, ttl) {
      const renewed = await db.change(
        `UPDATE leases SET until = ${databaseNow} + $4::bigint ` +
          `WHERE name = $1 AND holder = $2 AND fence = $3 AND until > ${databaseNow}`,
        [name, holder, fence, ttl],
      );
      return renewed > 0;
    },

    async release({ name, holder, fence }) {
      await db.change("UPDATE leases SET until = 0 WHERE name = $1 AND holder = $2 AND fence = $3", [
        name,
        holder,
        fence,
      ]);
    },

    async held(prefix) {
      const rows = await db.rows<{ name: string }>(
        `SELECT name FROM leases WHERE starts_with(name, $1) AND until > ${databaseNow} ORDER BY name`,
        [prefix],
      );
      return rows.map(({ name }) => name);
    },
  };
}
