import type { ServerReport } from "#core/metadata/servers.ts";
import type { Connection } from "../connection.ts";

interface ServerRow {
  id: string;
  name: string;
  rules: string;
}

/** What servers tell of themselves. */
export function serverOperations(db: Connection) {
  const put = db.prepare<[string, string, string, number]>(
    "INSERT OR REPLACE INTO servers (id, name, rules, seen_at) VALUES (?, ?, ?, ?)",
  );
  const forget = db.prepare<[number]>("DELETE FROM servers WHERE seen_at <= ?");
  const others = db.prepare<[string], ServerRow>(
    "SELECT id, name, rules FROM servers WHERE id <> ? ORDER BY name, id",
  );
  const remove = db.prepare<[string]>("DELETE FROM servers WHERE id = ?");

  return {
    reportServer({ server, ttl }: { server: ServerReport; ttl: number }): ServerReport[] {
      const now = Date.now();
      forget.run(now - ttl);
      put.run(server.id, server.name, JSON.stringify(server.rules), now);
      return others.all(server.id).map(({ id, name, rules }) => ({
        id,
        name,
        rules: JSON.parse(rules) as ServerReport["rules"],
      }));
    },

    forgetServer({ id }: { id: string }): void {
      remove.run(id);
    },
  };
}

export type ServerOperations = ReturnType<typeof serverOperations>;
