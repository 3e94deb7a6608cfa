import type { ServerReport, Servers } from "#core/metadata/servers.ts";
import { databaseNow } from "./clock.ts";
import type { Database } from "./database.ts";

interface ServerRow {
  id: string;
  name: string;
  rules: string;
}

/** What servers tell of themselves, by the database's clock. */
export function postgresServers(db: Database): Servers {
  return {
    report: ({ id, name, rules }, ttl) =>
      db.transaction(async (tx) => {
        await tx.change(
          `INSERT INTO servers (id, name, rules, seen_at) VALUES ($1, $2, $3, ${databaseNow}) ` +
            "ON CONFLICT (id) DO UPDATE SET name = excluded.name, rules = excluded.rules, seen_at = excluded.seen_at",
          [id, name, JSON.stringify(rules)],
        );
        // A row that is locked belongs to a server that is just speaking.
        await tx.change(
          "DELETE FROM servers WHERE id IN (SELECT id FROM servers " +
            `WHERE id <> $1 AND seen_at <= ${databaseNow} - $2::bigint FOR UPDATE SKIP LOCKED)`,
          [id, ttl],
        );
        const others = await tx.rows<ServerRow>(
          `SELECT id, name, rules FROM servers WHERE id <> $1 AND seen_at > ${databaseNow} - $2::bigint ` +
            "ORDER BY name, id",
          [id, ttl],
        );
        return others.map((row) => ({ ...row, rules: JSON.parse(row.rules) as ServerReport["rules"] }));
      }),

    async leave(id) {
      await db.change("DELETE FROM servers WHERE id = $1", [id]);
    },
  };
}
