import type { Accounts } from "./accounts.ts";
import type { AuditLog } from "./audit-log.ts";
import type { BlobFolder } from "./blob-folder.ts";
import type { CachedContent } from "./cached-content.ts";
import type { FactChecks } from "./fact-checks.ts";
import type { Garbage } from "./garbage.ts";
import type { HostedPulls } from "./hosted-pulls.ts";
import type { Housekeeping } from "./housekeeping.ts";
import type { Leases } from "./leases.ts";
import type { Logins } from "./logins.ts";
import type { Outbox } from "./outbox.ts";
import type { Repositories } from "./repositories.ts";
import type { SealedKeys } from "./sealed-keys.ts";
import type { Servers } from "./servers.ts";
import type { TagRoom } from "./tag-room.ts";
import type { Uploads } from "./uploads.ts";
import type { Usage } from "./usage.ts";
import type { WebSessions } from "./web-sessions.ts";
import type { Webhooks } from "./webhooks.ts";

/** A metadata store: the small interfaces, opened and closed together. */
export interface Metadata extends AsyncDisposable {
  readonly repositories: Repositories;
  readonly uploads: Uploads;
  readonly accounts: Accounts;
  readonly logins: Logins;
  readonly audit: AuditLog;
  readonly leases: Leases;
  readonly servers: Servers;
  readonly sealedKeys: SealedKeys;
  readonly blobFolder: BlobFolder;
  readonly cached: CachedContent;
  readonly garbage: Garbage;
  readonly tagRoom: TagRoom;
  readonly webSessions: WebSessions;
  readonly outbox: Outbox;
  readonly webhooks: Webhooks;
  readonly hostedPulls: HostedPulls;
  readonly housekeeping: Housekeeping;
  readonly factChecks: FactChecks;
  readonly usage: Usage;
  /** ms since the epoch by the store's own clock: servers whose clocks differ agree on it to some ms. */
  now(): number;
  /** Resolves when a write would work; rejects with the reason (for /readyz). */
  check(): Promise<void>;
}
