/**
 * The PostgreSQL metadata store. Owns its schema; knows no rules, no HTTP and no blob bytes. Every process of
 * every server has a pool of its own and writes by itself: what must be true across them is in rows and locks.
 * Flow: a method of the seam → one statement, or one transaction that locks what it decides on → its value.
 */
import type { Metadata } from "#core/metadata/metadata.ts";
import { postgresAccounts } from "./accounts.ts";
import { postgresAudit } from "./audit.ts";
import { postgresBlobFolder } from "./blob-folder.ts";
import { postgresCachedContent } from "./cached-content.ts";
import { databaseClock } from "./clock.ts";
import { openDatabase, type DatabaseParts } from "./database.ts";
import { postgresGarbage } from "./garbage.ts";
import { postgresHostedPulls } from "./hosted-pulls.ts";
import { postgresFactChecks } from "./fact-checks.ts";
import { postgresHousekeeping } from "./housekeeping.ts";
import { postgresLeases } from "./leases.ts";
import { postgresLogins } from "./logins.ts";
import { migrate } from "./migrate.ts";
import { postgresOutbox } from "./outbox.ts";
import { postgresRepositories } from "./repositories.ts";
import { postgresSealedKeys } from "./sealed-keys.ts";
import { postgresServers } from "./servers.ts";
import { postgresTagRoom } from "./tag-room.ts";
import { postgresUploads } from "./uploads.ts";
import { postgresUsage } from "./usage.ts";
import { postgresWebSessions } from "./web-sessions.ts";
import { postgresWebhooks } from "./webhooks.ts";

export interface OpenPostgresMetadata extends DatabaseParts {
  /** Folder of the numbered migrations; undefined where another process has brought the schema up to date. */
  migrationsDir: string | URL | undefined;
}

/** Errors: unavailable when the database can't be reached; storage-failed, see `migrate`. */
export async function openPostgresMetadata({
  url,
  pool,
  migrationsDir,
}: OpenPostgresMetadata): Promise<Metadata> {
  if (migrationsDir !== undefined) await migrate(url, migrationsDir);
  const db = openDatabase({ url, pool });
  const clock = await databaseClock(db);
  return {
    repositories: postgresRepositories(db),
    uploads: postgresUploads(db),
    accounts: postgresAccounts(db),
    logins: postgresLogins(db),
    leases: postgresLeases(db),
    servers: postgresServers(db),
    sealedKeys: postgresSealedKeys(db),
    blobFolder: postgresBlobFolder(db),
    cached: postgresCachedContent(db),
    garbage: postgresGarbage(db),
    tagRoom: postgresTagRoom(db),
    webSessions: postgresWebSessions(db),
    outbox: postgresOutbox(db),
    webhooks: postgresWebhooks(db),
    hostedPulls: postgresHostedPulls(db),
    housekeeping: postgresHousekeeping(db),
    factChecks: postgresFactChecks(db),
    audit: postgresAudit(db),
    usage: postgresUsage(db),
    now: () => clock.now(),
    async check() {
      await db.change("UPDATE write_probe SET writes = writes + 1");
    },
    [Symbol.asyncDispose]() {
      clock[Symbol.dispose]();
      return db[Symbol.asyncDispose]();
    },
  };
}
