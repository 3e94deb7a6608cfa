import type { WebSession } from "#core/metadata/web-sessions.ts";
import type { Connection } from "../connection.ts";

/** Changes of the web page's sessions. */
export function webSessionOperations(db: Connection) {
  const add = db.prepare<[WebSession]>(
    "INSERT INTO web_sessions (hash, identity, csrf, created_at, seen_at, expires_at) " +
      "VALUES (:hash, :identity, :csrf, :createdAt, :seenAt, :expiresAt)",
  );
  const seen = db.prepare<[number, number, string]>(
    "UPDATE web_sessions SET seen_at = ?, expires_at = ? WHERE hash = ?",
  );
  const end = db.prepare<[string]>("DELETE FROM web_sessions WHERE hash = ?");
  const dropExpired = db.prepare<[number]>("DELETE FROM web_sessions WHERE expires_at < ?");
  return {
    addWebSession({ session }: { session: WebSession }): void {
      add.run(session);
    },
    webSessionSeen({ hash, seenAt, expiresAt }: { hash: string; seenAt: number; expiresAt: number }): void {
      seen.run(seenAt, expiresAt, hash);
    },
    endWebSession: ({ hash }: { hash: string }): boolean => end.run(hash).changes > 0,
    dropExpiredWebSessions: ({ now }: { now: number }): number => dropExpired.run(now).changes,
  };
}

export type WebSessionOperations = ReturnType<typeof webSessionOperations>;
