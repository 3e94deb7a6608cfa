/**
 * A worker: the doors, in a process of its own. Reads metadata and reads and writes blobs itself; changes of
 * SQLite's metadata go to the keeper, see open-metadata. Started by keeper.ts; ends when the keeper says so or is gone.
 */
import { heldStore } from "../open/held-store.ts";
import { openStore } from "../open/open-store.ts";
import { createMetrics, renderMetrics } from "#adapters/prometheus/metrics.ts";
import type { Config } from "#config/config.ts";
import { live } from "#core/live.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { startApp, type App } from "../app.ts";
import { countRegistry } from "../count-registry.ts";
import { createKeeperLink } from "./keeper-link.ts";
import { createLog } from "../log.ts";
import type { FromKeeper, FromWorker } from "./messages.ts";
import { openWorkerMetadata } from "../open/open-metadata.ts";
import { openRelay } from "./open-relay.ts";
import { createSettings } from "../settings.ts";
import type { ProcessView } from "../web/process-view.ts";

const link = createKeeperLink(
  (message: FromWorker) => process.send?.(message),
  (listener) => process.on("message", listener),
  (listener) => process.on("disconnect", listener),
);
const meter = createMetrics();
const warnings = live<readonly string[]>([]);

// A terminal's Ctrl-C and systemd's stop reach every process of the group; the keeper decides for us.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
// Reading the configuration again is the keeper's; it says what changed.
process.on("SIGHUP", () => undefined);
process.on("disconnect", () => process.exit(1));
const none = Promise.resolve(undefined);
/** What the keeper's "start" led to; undefined where it failed, and this process is about to end. */
let started: Promise<Running | undefined> | undefined;
process.on("message", (message: FromKeeper) => {
  if (message.type === "start") started = start(message.config, message.slot);
  // Also while it is starting: its keeper gave up because another worker couldn't start.
  if (message.type === "stop") void stop();
  if (message.type === "config") void started?.then((running) => running?.apply(message.config));
  if (message.type === "warnings") warnings.swap(message.warnings);
  if (message.type === "snapshot") {
    const taken = message.of === "view" ? (started ?? none).then((app) => app?.view()) : meter.snapshot();
    void taken.then((snapshot) => link.say({ type: "snapshot", id: message.id, snapshot }));
  }
});

interface Running extends AsyncDisposable {
  view: App["view"];
  apply(config: Config): void;
}

async function start(config: Config, slot: number): Promise<Running | undefined> {
  const { log, flush } = createLog(config.log);
  const settings = createSettings(config);
  let metadata: Metadata;
  let app: App;
  let relay: Awaited<ReturnType<typeof openRelay>>;
  try {
    metadata = await openWorkerMetadata(config, link.submit);
    relay = await openRelay(config, slot, log);
    app = await startApp({
      config,
      settings,
      metadata,
      store: heldStore(config, await openStore(config, metadata.blobFolder), metadata),
      meter,
      log,
      warnings,
      relay,
      processes: () => link.collect("view") as Promise<ProcessView[]>,
      metrics: async () => renderMetrics(await link.collect("metrics"), await countRegistry(metadata)),
    });
  } catch (error) {
    fail(error);
    return undefined;
  }
  link.say({ type: "listening", urls: app.urls });
  return {
    view: () => app.view(),
    apply(next) {
      settings.apply(next);
      log.level = next.log.level;
      void app.reloadTls();
    },
    async [Symbol.asyncDispose]() {
      try {
        await app[Symbol.asyncDispose]();
        await relay?.[Symbol.asyncDispose]();
        await metadata[Symbol.asyncDispose]();
      } finally {
        flush();
      }
    },
  };
}

/** Ends when the keeper has been told why: a process that serves nobody would only be waited for. */
function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  process.send?.({ type: "failed", message } satisfies FromWorker, () => process.exit(1));
}

async function stop(): Promise<void> {
  try {
    const running = await started;
    await running?.[Symbol.asyncDispose]();
  } finally {
    process.exit(0);
  }
}
