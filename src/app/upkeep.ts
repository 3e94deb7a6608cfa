/**
 * What a server does beside serving, in the one process that has its data folder (the keeper, or the single process):
 * it opens metadata and blobs, purges, evicts, keeps audit, keys and mirrors, and answers on the control socket.
 */
import type { Logger } from "pino";
import { lockFolder } from "#adapters/sqlite/folder-lock.ts";
import { createAccess } from "#auth/policy.ts";
import type { Config } from "#config/config.ts";
import type { BlobStore } from "#core/blob-store.ts";
import { createUploads } from "#registry/uploads.ts";
import { keepAudit } from "./audit/audit-upkeep.ts";
import { prepareAuthIfOn } from "./auth/prepare-auth.ts";
import { scheduleSecretExpiry } from "./auth/secret-expiry.ts";
import { startControl } from "./control/control.ts";
import { diskReserve } from "./disk-reserve.ts";
import { scheduleEviction } from "./eviction-schedule.ts";
import { scheduleGc } from "./gc-schedule.ts";
import { keepMirrors } from "./keep-mirrors.ts";
import { heldStore } from "./open/held-store.ts";
import { leftBlobs } from "./open/left-blobs.ts";
import { openCollector } from "./open/open-collector.ts";
import { keptInPostgres, openKeeperMetadata, type KeeperMetadata } from "./open/open-metadata.ts";
import { keepEvents } from "./notify/keep-events.ts";
import { openStore } from "./open/open-store.ts";
import { makeDataFolder } from "./open/storage.ts";
import { schedulePurge } from "./purge-schedule.ts";
import { watchConfig, type ConfigSource } from "./reload.ts";
import { retentionOf } from "./retention-of.ts";
import { scheduleRetention } from "./retention-schedule.ts";
import { rulesInForce } from "./servers/rules-in-force.ts";
import { reportAmongServers } from "./servers/server-reports.ts";
import { turnsAmongServers } from "./servers/upkeep-lease.ts";
import { scheduleScrub } from "./scrub-schedule.ts";
import { createSettings, type Settings } from "./settings.ts";
import { snapshotBeforeUpgrade } from "./snapshots/before-upgrade.ts";
import { scheduleSnapshots } from "./snapshots/snapshot-schedule.ts";

export interface UpkeepRunning extends AsyncDisposable {
  settings: Settings;
  metadata: KeeperMetadata["metadata"];
  submitBatch: KeeperMetadata["submitBatch"];
  store: BlobStore;
  /** What begins once the server serves: it meets the others, keeps mirrors warm, reads its configuration again. */
  attend(serving: Serving, source: ConfigSource | undefined): AsyncDisposable;
}

export interface Serving {
  urls: string[];
  /** Lines for /readyz. */
  warn(lines: readonly string[]): void;
  /** The configuration changed; settings have it already. */
  changed(next: Config): void;
}

/** Throws AppError when the folder is taken or unusable, or what the config names can't be opened. */
export async function startUpkeep(config: Config, log: Logger): Promise<UpkeepRunning> {
  await using parts = new AsyncDisposableStack();
  const settings = createSettings(config);
  const access = createAccess(settings.policy);
  await makeDataFolder(config);
  parts.use(lockFolder(config.data));
  await keepAsItWas(config, log);
  const { metadata, submitBatch } = parts.use(await openKeeperMetadata(config));
  const store = heldStore(config, await openStore(config, metadata.blobFolder), metadata);
  const { repositories, uploads } = metadata;
  const left = await leftBlobs(config, repositories);
  if (left !== undefined) log.warn(left);
  const turns = turnsAmongServers(config, metadata, log);
  const upkeep = parts.use(await turns("upkeep"));
  const sessions = createUploads({ store, repositories, uploads, access, clock: () => metadata.now() });
  parts.use(schedulePurge(sessions, config.uploads, upkeep, log));
  const eviction = parts.use(scheduleEviction(settings, metadata, upkeep, log));
  const collector = openCollector({ config: settings.config, metadata, store });
  const reserve = keptInPostgres(config) ? undefined : diskReserve(config.data);
  parts.use(
    scheduleGc({ config: settings.config, collector, leases: metadata.leases, upkeep, log, reserve }),
  );
  const retention = retentionOf(settings, metadata);
  parts.use(scheduleRetention({ config: settings.config, retention, metadata, upkeep, log }));
  parts.use(await keepAudit(metadata.audit, config.audit, upkeep, () => turns("audit-lines"), log));
  parts.use(await prepareAuthIfOn(config, metadata, log, upkeep));
  const { accounts, webSessions } = metadata;
  const signIns = {
    async dropExpiredSecrets(now: number) {
      await webSessions.dropExpired(now);
      return accounts.dropExpiredSecrets(now);
    },
  };
  parts.use(scheduleSecretExpiry(signIns, upkeep, log));
  parts.use(await keepEvents(settings.config, metadata, upkeep, log));
  parts.use(scheduleScrub(settings, metadata, store, upkeep, log));
  parts.use(scheduleSnapshots(settings, metadata, upkeep, log));
  parts.use(await startControl(config.data, { ...metadata, submitBatch, rules: rulesInForce(config) }, log));
  const running = parts.move();
  return {
    settings,
    metadata,
    submitBatch,
    store,

    attend({ urls, warn, changed }, source) {
      const attending = new AsyncDisposableStack();
      const reports = attending.use(reportAmongServers(settings.config, metadata, urls, log, warn));
      attending.use(keepMirrors(settings, metadata, store, upkeep, log));
      if (source !== undefined)
        attending.use(
          watchConfig(config, source, log, (next) => {
            settings.apply(next);
            eviction.now();
            reports.again();
            changed(next);
          }),
        );
      return attending;
    },

    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Of the metadata of an older Berth a snapshot, before it is brought up to date. */
async function keepAsItWas(config: Config, log: Logger): Promise<void> {
  if (keptInPostgres(config)) return;
  const kept = await snapshotBeforeUpgrade(config);
  if (kept === undefined) return;
  if ("without" in kept) log.error(kept.without);
  else log.info(kept.put, "put a snapshot of the metadata beside the blobs, before it is brought up to date");
}
