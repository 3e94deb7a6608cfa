import type { Accounts } from "./accounts.ts";
import type { AuditLog } from "./audit-log.ts";
import type { BlobFolder } from "./blob-folder.ts";
import type { CachedContent } from "./cached-content.ts";
import type { Leases } from "./leases.ts";
import type { Logins } from "./logins.ts";
import type { Repositories } from "./repositories.ts";
import type { SealedKeys } from "./sealed-keys.ts";
import type { Servers } from "./servers.ts";
import type { Uploads } from "./uploads.ts";

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
  /** ms since the epoch by the store's own clock: servers whose clocks differ agree on it to some ms. */
  now(): number;
  /** Resolves when a write would work; rejects with the reason (for /readyz). */
  check(): Promise<void>;
}
