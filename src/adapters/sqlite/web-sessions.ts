import type { WebSession, WebSessions } from "#core/metadata/web-sessions.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";

/** Sessions of the web page of the seam: reads here, mutations as data. */
export function sqliteWebSessions(db: Connection, read: Read, mutate: Mutate): WebSessions {
  const find = db.prepare<[string], WebSession>(
    "SELECT hash, identity, csrf, created_at AS createdAt, seen_at AS seenAt, expires_at AS expiresAt " +
      "FROM web_sessions WHERE hash = ?",
  );
  return {
    add: (session) => mutate("addWebSession", { session }),
    find: (hash) => read(() => find.get(hash)),
    seen: (hash, seenAt, expiresAt) => mutate("webSessionSeen", { hash, seenAt, expiresAt }),
    end: (hash) => mutate("endWebSession", { hash }),
    dropExpired: (now) => mutate("dropExpiredWebSessions", { now }),
  };
}
