/**
 * The keeper: holds the data folder, is the one writer of SQLite's metadata (operations of all workers in common
 * transactions, so one fsync serves many pushes), runs the schedule and keeps the workers alive.
 * Never speaks HTTP to clients, only on the control socket: a slow disk sync here holds up nobody's download.
 */
import cluster, { type Worker } from "node:cluster";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import { live } from "#core/live.ts";
import type { ConfigSource } from "./reload.ts";
import type { RunningServer } from "./single.ts";
import { recentErrorsOf } from "./log.ts";
import { startUpkeep, type Serving } from "./upkeep.ts";
import type { ProcessView } from "./web/process-view.ts";
import type { FromKeeper, FromWorker } from "./workers/messages.ts";
import { createSnapshotRound } from "./workers/snapshot-round.ts";

const restartPause = 1_000;
/** After their drain timeout workers get this much more before they are killed. */
const stopGrace = 15_000;
/**
 * MiB of each half of V8's new space in a worker, 16 by default. What a request leaves behind dies at once, so a smaller
 * one costs no time that could be measured, and a busy worker takes about half as much memory.
 */
const smallNursery = "--max-semi-space-size=8";

/** Serves with config.workers processes until disposed. Throws AppError like startSingle. */
export async function startKeeper(
  config: Config,
  log: Logger,
  source?: ConfigSource,
): Promise<RunningServer> {
  await using parts = new AsyncDisposableStack();
  const upkeep = parts.use(await startUpkeep(config, log));
  const { settings, submitBatch } = upkeep;
  const warnings = live<readonly string[]>([]);
  const workers = parts.use(startWorkers());
  const urls = await workers.listening;
  const serving: Serving = {
    urls,
    warn(lines) {
      warnings.swap(lines);
      workers.tell({ type: "warnings", warnings: lines });
    },
    changed: (next) => workers.tell({ type: "config", config: next }),
  };
  parts.use(upkeep.attend(serving, source));
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
    const execArgv = [...process.execArgv, smallNursery];
    cluster.setupPrimary({ exec, args: [], execArgv, serialization: "advanced" });
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
                for (const each of alive)
                  if (each.isConnected()) each.send({ type: "snapshot", id, of: message.of });
              })
              .then((snapshots) => {
                // A worker that is only starting knows nothing; this process has errors of its own.
                if (message.of === "view")
                  snapshots = [...snapshots.filter((one) => one !== undefined), ownView(log)];
                say({ type: "snapshots", id: message.id, snapshots });
              });
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

/** What the keeper itself knows, beside its workers. */
function ownView(log: Logger): ProcessView {
  return { uploads: [], cache: [], errors: recentErrorsOf(log) };
}
