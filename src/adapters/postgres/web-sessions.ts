import type { WebSession, WebSessions } from "#core/metadata/web-sessions.ts";
import type { Database } from "./database.ts";

/** Sessions of the web page of the seam. */
export function postgresWebSessions(db: Database): WebSessions {
  return {
    async add({ hash, identity, csrf, createdAt, seenAt, expiresAt }) {
      await db.change(
        "INSERT INTO web_sessions (hash, identity, csrf, created_at, seen_at, expires_at) " +
          "VALUES ($1, $2, $3, $4, $5, $6)",
        [hash, identity, csrf, createdAt, seenAt, expiresAt],
      );
    },
    async find(hash) {
      const [row] = await db.rows<WebSession>(
        'SELECT hash, identity, csrf, created_at AS "createdAt", seen_at AS "seenAt", ' +
          'expires_at AS "expiresAt" FROM web_sessions WHERE hash = $1',
        [hash],
      );
      return row;
    },
    async seen(hash, seenAt, expiresAt) {
      await db.change("UPDATE web_sessions SET seen_at = $2, expires_at = $3 WHERE hash = $1", [
        hash,
        seenAt,
        expiresAt,
      ]);
    },
    end: async (hash) => (await db.change("DELETE FROM web_sessions WHERE hash = $1", [hash])) > 0,
    dropExpired: (now) => db.change("DELETE FROM web_sessions WHERE expires_at < $1", [now]),
  };
}
