/**
 * The SQLite metadata store. Owns the database file; knows no rules, no HTTP and no blob bytes.
 * Flow: a mutation is data → `Submit` → group commit → the one Writer's transaction → its value;
 * a read is a prepared statement on this process's own connection (in WAL mode readers never wait).
 */
import type { Metadata } from "#core/metadata/metadata.ts";
import type { Mutate, Read } from "./access.ts";
import { sqliteAccounts } from "./accounts.ts";
import { sqliteAudit } from "./audit.ts";
import { sqliteBlobFolder } from "./blob-folder.ts";
import { sqliteCachedContent } from "./cached-content.ts";
import { openConnection } from "./connection.ts";
import { storageError } from "./errors.ts";
import { sqliteFactChecks } from "./fact-checks.ts";
import { sqliteGarbage } from "./garbage.ts";
import { sqliteHostedPulls } from "./hosted-pulls.ts";
import { sqliteHousekeeping } from "./housekeeping.ts";
import { sqliteLeases } from "./leases.ts";
import { sqliteLogins } from "./logins.ts";
import { sqliteOutbox } from "./outbox.ts";
import type { Submit } from "./outcome.ts";
import { sqliteRepositories } from "./repositories.ts";
import { sqliteSealedKeys } from "./sealed-keys.ts";
import { sqliteServers } from "./servers.ts";
import { sqliteTagRoom } from "./tag-room.ts";
import { sqliteUploads } from "./uploads.ts";
import { sqliteUsage } from "./usage.ts";
import { sqliteWebSessions } from "./web-sessions.ts";
import { sqliteWebhooks } from "./webhooks.ts";

export interface SqliteMetadataParts {
  /** A database file that a Writer opened (and so migrated) before. */
  path: string;
  /** The way to that writer: in this process or another. */
  submit: Submit;
}

/** Metadata whose reads go to a read-only connection of its own and whose mutations go to `submit`. */
export function createSqliteMetadata({ path, submit }: SqliteMetadataParts): Metadata {
  const db = openConnection(path, "read");
  // The writer answers an operation by the type that its name says.
  const mutate: Mutate = (op, args) => submit({ op, args } as Parameters<Submit>[0]) as Promise<never>;
  const read: Read = async (run) => {
    try {
      return run();
    } catch (error) {
      throw storageError("The metadata couldn't be read", error);
    }
  };
  try {
    return {
      repositories: sqliteRepositories(db, read, mutate),
      uploads: sqliteUploads(db, read, mutate),
      audit: sqliteAudit(db, read, mutate),
      accounts: sqliteAccounts(db, read, mutate),
      logins: sqliteLogins(mutate),
      leases: sqliteLeases(db, read, mutate),
      servers: sqliteServers(mutate),
      sealedKeys: sqliteSealedKeys(db, read, mutate),
      blobFolder: sqliteBlobFolder(db, read, mutate),
      cached: sqliteCachedContent(db, read, mutate),
      garbage: sqliteGarbage(db, read, mutate),
      webSessions: sqliteWebSessions(db, read, mutate),
      outbox: sqliteOutbox(db, read, mutate),
      webhooks: sqliteWebhooks(db, read, mutate),
      hostedPulls: sqliteHostedPulls(mutate),
      housekeeping: sqliteHousekeeping(db, read, mutate),
      factChecks: sqliteFactChecks(db, read, mutate),
      tagRoom: sqliteTagRoom(db, read, mutate),
      usage: sqliteUsage(db, read, mutate),
      now: Date.now,
      check: () => mutate("probe", {}),
      [Symbol.asyncDispose]: () => read(() => void db.close()),
    };
  } catch (error) {
    db.close();
    throw storageError(`The metadata database ${path} can't be read`, error);
  }
}
