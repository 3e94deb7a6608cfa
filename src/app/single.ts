/** The composition for `workers: 1` and for tests: keeper and worker in one process. */
import type { Logger } from "pino";
import { openStore } from "./open/open-store.ts";
import { leftBlobs } from "./open/left-blobs.ts";
import { openKeeperMetadata } from "./open/open-metadata.ts";
import { createMetrics, renderMetrics } from "#adapters/prometheus/metrics.ts";
import { lockFolder } from "#adapters/sqlite/folder-lock.ts";
import type { Config } from "#config/config.ts";
import { createUploads } from "#registry/uploads.ts";
import { createAccess } from "#auth/policy.ts";
import { live } from "#core/live.ts";
import { startApp } from "./app.ts";
import { keepAudit } from "./audit/audit-upkeep.ts";
import { startControl } from "./control/control.ts";
import { countRegistry } from "./count-registry.ts";
import { scheduleEviction } from "./eviction-schedule.ts";
import { keepMirrors } from "./keep-mirrors.ts";
import { prepareAuthIfOn } from "./auth/prepare-auth.ts";
import { schedulePurge } from "./purge-schedule.ts";
import { watchConfig, type ConfigSource } from "./reload.ts";
import { rulesInForce } from "./servers/rules-in-force.ts";
import { scheduleSecretExpiry } from "./auth/secret-expiry.ts";
import { reportAmongServers } from "./servers/server-reports.ts";
import { createSettings } from "./settings.ts";
import { makeDataFolder } from "./open/storage.ts";
import { turnsAmongServers } from "./servers/upkeep-lease.ts";

export interface RunningServer extends AsyncDisposable {
  urls: string[];
}

/** Serves until disposed. Throws AppError when the folder is taken, unusable, or an address is. */
export async function startSingle(
  config: Config,
  log: Logger,
  source?: ConfigSource,
): Promise<RunningServer> {
  await using parts = new AsyncDisposableStack();
  const settings = createSettings(config);
  const access = createAccess(settings.policy);
  await makeDataFolder(config);
  parts.use(lockFolder(config.data));
  const { metadata, submitBatch } = parts.use(await openKeeperMetadata(config));
  const store = await openStore(config, metadata.blobFolder);
  const meter = parts.use(createMetrics());
  const { repositories, uploads } = metadata;
  const left = await leftBlobs(config, repositories);
  if (left !== undefined) log.warn(left);
  const turns = turnsAmongServers(config, metadata, log);
  const upkeep = parts.use(await turns("upkeep"));
  parts.use(
    schedulePurge(
      createUploads({ store, repositories, uploads, access, clock: () => metadata.now() }),
      config.uploads,
      upkeep,
      log,
    ),
  );
  const eviction = parts.use(scheduleEviction(settings, metadata, store, upkeep, log));
  parts.use(await keepAudit(metadata.audit, config.audit, upkeep, () => turns("audit-lines"), log));
  parts.use(await prepareAuthIfOn(config, metadata, log, upkeep));
  parts.use(scheduleSecretExpiry(metadata.accounts, upkeep, log));
  parts.use(await startControl(config.data, { ...metadata, submitBatch, rules: rulesInForce(config) }, log));
  const warnings = live<readonly string[]>([]);
  const app = parts.use(
    await startApp({
      config: { ...config, workers: 1 },
      settings,
      metadata,
      store,
      meter,
      log,
      warnings,
      metrics: async () => renderMetrics([await meter.snapshot()], await countRegistry(metadata)),
    }),
  );
  const reports = parts.use(
    reportAmongServers(settings.config, metadata, app.urls, log, (lines) => warnings.swap(lines)),
  );
  parts.use(keepMirrors(settings, metadata, store, upkeep, log));
  if (source !== undefined)
    parts.use(
      watchConfig(config, source, log, (next) => {
        settings.apply(next);
        eviction.now();
        reports.again();
        void app.reloadTls();
      }),
    );
  const running = parts.move();
  return { urls: app.urls, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
