/**
 * The keeper: holds the data folder, is the one writer of SQLite's metadata (operations of all workers in common
 * transactions, so one fsync serves many pushes), runs the schedule and keeps the workers alive.
 * Never speaks HTTP to clients, only on the control socket: a slow disk sync here holds up nobody's download.
 */
import cluster, { type Worker } from "node:cluster";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import { openStore } from "./open/open-store.ts";
import { lockFolder } from "#adapters/sqlite/folder-lock.ts";
import { AppError } from "#core/errors.ts";
import type { Config } from "#config/config.ts";
import { createUploads } from "#registry/uploads.ts";
import { keepAudit } from "./audit/audit-upkeep.ts";
import { createAccess } from "#auth/policy.ts";
import { live } from "#core/live.ts";
import { startControl } from "./control/control.ts";
import type { FromKeeper, FromWorker } from "./workers/messages.ts";
import { leftBlobs } from "./open/left-blobs.ts";
import { openKeeperMetadata } from "./open/open-metadata.ts";
import { scheduleEviction } from "./eviction-schedule.ts";
import { keepMirrors } from "./keep-mirrors.ts";
import { prepareAuthIfOn } from "./auth/prepare-auth.ts";
import { schedulePurge } from "./purge-schedule.ts";
import { watchConfig, type ConfigSource } from "./reload.ts";
import { rulesInForce } from "./servers/rules-in-force.ts";
import { scheduleSecretExpiry } from "./auth/secret-expiry.ts";
import { reportAmongServers } from "./servers/server-reports.ts";
import { createSettings } from "./settings.ts";
import type { RunningServer } from "./single.ts";
import { createSnapshotRound } from "./workers/snapshot-round.ts";
import { makeDataFolder } from "./open/storage.ts";
import { turnsAmongServers } from "./servers/upkeep-lease.ts";

const restartPause = 1_000;
/** After their drain timeout workers get this much more before they are killed. */
const stopGrace = 10_000;

/** Serves with config.workers processes until disposed. Throws AppError like startSingle. */
export async function startKeeper(
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
  const workers = parts.use(startWorkers());
  const urls = await workers.listening;
  const reports = parts.use(
    reportAmongServers(settings.config, metadata, urls, log, (lines) => {
      warnings.swap(lines);
      workers.tell({ type: "warnings", warnings: lines });
    }),
  );
  parts.use(keepMirrors(settings, metadata, store, upkeep, log));
  if (source !== undefined)
    parts.use(
      watchConfig(config, source, log, (next) => {
        settings.apply(next);
        eviction.now();
        reports.again();
        workers.tell({ type: "config", config: next });
      }),
    );
  const running = parts.move();
  return { urls, [Symbol.asyncDispose]: () => running.disposeAsync() };

  function startWorkers(): AsyncDisposable & {
    listening: Promise<string[]>;
    tell(message: FromKeeper): void;
  } {
    const alive = new Set<Worker>();
    const round = createSnapshotRound();
    let stopping = false;
    const exec = fileURLToPath(import.meta.resolve("#app/workers/worker-process.ts"));
    cluster.setupPrimary({ exec, args: [], serialization: "advanced" });
    const first = Array.from({ length: config.workers }, (_, slot) => {
      const { promise, resolve, reject } = Promise.withResolvers<string[]>();
      start(slot, { resolve, reject });
      return promise;
    });

    function start(
      slot: number,
      ready: { resolve(urls: string[]): void; reject(error: AppError): void } | undefined,
    ): void {
      const worker = cluster.fork();
      let reason: string | undefined;
      alive.add(worker);
      const say = (message: FromKeeper) => {
        // A worker that is just ending can't be told anything any more; its end is handled below.
        if (worker.isConnected()) worker.send(message, () => undefined);
      };
      worker.on("message", (message: FromWorker) => {
        switch (message.type) {
          case "operations":
            void submitBatch(message.ops).then((outcomes) =>
              say({ type: "outcomes", id: message.id, outcomes }),
            );
            break;
          case "collect":
            void round
              .run(alive.size, (id) => {
                for (const each of alive) if (each.isConnected()) each.send({ type: "snapshot", id });
              })
              .then((snapshots) => say({ type: "snapshots", id: message.id, snapshots }));
            break;
          case "snapshot":
            round.add(message.id, message.snapshot);
            break;
          case "listening":
            ready?.resolve(message.urls);
            break;
          case "failed":
            reason = message.message;
            ready?.reject(new AppError("unavailable", message.message));
            break;
        }
      });
      worker.once("exit", (code, signal) => {
        alive.delete(worker);
        ready?.reject(new AppError("unavailable", `a worker ended before it was ready (${signal ?? code})`));
        if (stopping) return;
        log.error({ worker: worker.process.pid, code, signal, reason }, "a worker ended; starting another");
        setTimeout(() => {
          if (!stopping) start(slot, undefined);
        }, restartPause).unref();
      });
      say({ type: "start", config: settings.config.current, slot });
      say({ type: "warnings", warnings: warnings.current });
    }

    return {
      tell(message) {
        for (const worker of alive) if (worker.isConnected()) worker.send(message, () => undefined);
      },
      listening: Promise.all(first).then(([urls]) => urls ?? []),
      async [Symbol.asyncDispose]() {
        stopping = true;
        const ended = [...alive].map(
          (worker) => new Promise<void>((resolve) => worker.once("exit", () => resolve())),
        );
        for (const worker of alive) if (worker.isConnected()) worker.send({ type: "stop" });
        const late = setTimeout(() => {
          for (const worker of alive) worker.process.kill("SIGKILL");
        }, config.limits.drain_timeout + stopGrace);
        await Promise.all(ended);
        clearTimeout(late);
      },
    };
  }
}
