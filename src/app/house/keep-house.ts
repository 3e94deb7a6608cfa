/**
 * What goes by itself and what is looked at again, put together: expired uploads and secrets, eviction, garbage
 * collection, retention, scrubbing, snapshots. Each does its work while the upkeep is ours, one at a time.
 */
import type { Logger } from "pino";
import { createAccess } from "#auth/policy.ts";
import type { BlobStore } from "#core/blob-store.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { createUploads } from "#registry/uploads.ts";
import { scheduleSecretExpiry } from "../auth/secret-expiry.ts";
import { openCollector } from "../open/open-collector.ts";
import { keptInPostgres } from "../open/open-metadata.ts";
import type { Upkeep } from "../servers/upkeep-lease.ts";
import type { Settings } from "../settings.ts";
import { diskReserve } from "./disk-reserve.ts";
import { scheduleEviction } from "./eviction-schedule.ts";
import { scheduleGc } from "./gc-schedule.ts";
import { schedulePurge } from "./purge-schedule.ts";
import { retentionOf } from "./retention-of.ts";
import { scheduleRetention } from "./retention-schedule.ts";
import { scheduleScrub } from "./scrub-schedule.ts";
import { scheduleSnapshots } from "./snapshots/snapshot-schedule.ts";

export interface KeptHouse extends AsyncDisposable {
  /** Looks at the cache's limits now, such as when they changed. */
  evict(): void;
}

export function keepHouse(
  settings: Settings,
  metadata: Metadata,
  store: BlobStore,
  upkeep: Upkeep,
  log: Logger,
): KeptHouse {
  const { config } = settings;
  const first = config.current;
  const { repositories, uploads, leases, accounts, webSessions } = metadata;
  const house = new AsyncDisposableStack();
  const access = createAccess(settings.policy);
  const sessions = createUploads({ store, repositories, uploads, access, clock: () => metadata.now() });
  house.use(schedulePurge(sessions, first.uploads, upkeep, log));
  const eviction = house.use(scheduleEviction(settings, metadata, upkeep, log));
  const collector = openCollector({ config, metadata, store });
  const reserve = keptInPostgres(first) ? undefined : diskReserve(first.data);
  house.use(scheduleGc({ config, collector, leases, upkeep, log, reserve }));
  const retention = retentionOf(settings, metadata);
  house.use(scheduleRetention({ config, retention, metadata, upkeep, log }));
  const signIns = {
    async dropExpiredSecrets(now: number) {
      await webSessions.dropExpired(now);
      return accounts.dropExpiredSecrets(now);
    },
  };
  house.use(scheduleSecretExpiry(signIns, upkeep, log));
  house.use(scheduleScrub(settings, metadata, store, upkeep, log));
  house.use(scheduleSnapshots(settings, metadata, upkeep, log));
  return {
    evict: () => eviction.now(),
    [Symbol.asyncDispose]: () => house.disposeAsync(),
  };
}
