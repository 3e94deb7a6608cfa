/**
 * What a server does beside serving, in the one process that has its data folder (the keeper, or the single process):
 * it opens metadata and blobs, keeps house, audit, keys, events and mirrors, and answers on the control socket.
 */
import type { Logger } from "pino";
import { lockFolder } from "#adapters/sqlite/folder-lock.ts";
import type { Config } from "#config/config.ts";
import type { BlobStore } from "#core/blob-store.ts";
import { keepAudit } from "./audit/audit-upkeep.ts";
import { prepareAuthIfOn } from "./auth/prepare-auth.ts";
import { startControl } from "./control/control.ts";
import { keepMirrors } from "./keep-mirrors.ts";
import { heldStore } from "./open/held-store.ts";
import { keepHouse } from "./house/keep-house.ts";
import { leftBlobs } from "./open/left-blobs.ts";
import { keptInPostgres, openKeeperMetadata, type KeeperMetadata } from "./open/open-metadata.ts";
import { keepEvents } from "./notify/keep-events.ts";
import { openStore } from "./open/open-store.ts";
import { makeDataFolder } from "./open/storage.ts";
import { watchConfig, type ConfigSource } from "./reload.ts";
import { rulesInForce } from "./servers/rules-in-force.ts";
import { reportAmongServers } from "./servers/server-reports.ts";
import { turnsAmongServers } from "./servers/upkeep-lease.ts";
import { createSettings, type Settings } from "./settings.ts";
import { snapshotBeforeUpgrade } from "./house/snapshots/before-upgrade.ts";

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
  await makeDataFolder(config);
  parts.use(lockFolder(config.data));
  await keepAsItWas(config, log);
  const { metadata, submitBatch } = parts.use(await openKeeperMetadata(config));
  const store = heldStore(config, await openStore(config, metadata.blobFolder), metadata);
  const left = await leftBlobs(config, metadata.repositories);
  if (left !== undefined) log.warn(left);
  const turns = turnsAmongServers(config, metadata, log);
  const upkeep = parts.use(await turns("upkeep"));
  const house = parts.use(keepHouse(settings, metadata, store, upkeep, log));
  parts.use(await keepAudit(metadata.audit, config.audit, upkeep, () => turns("audit-lines"), log));
  parts.use(await prepareAuthIfOn(config, metadata, log, upkeep));
  parts.use(await keepEvents(settings.config, metadata, upkeep, log));
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
            house.evict();
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
