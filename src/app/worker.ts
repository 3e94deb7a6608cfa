/**
 * A worker: the doors, in a process of its own. Reads metadata and reads and writes blobs itself; changes of
 * SQLite's metadata go to the keeper, see open-metadata. Started by keeper.ts; ends when the keeper says so or is gone.
 */
import { openStore } from "./open-store.ts";
import { createMetrics, renderMetrics } from "#adapters/prometheus/metrics.ts";
import type { Config } from "#config/config.ts";
import { live } from "#core/live.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { startApp, type App } from "./app.ts";
import { countRegistry } from "./count-registry.ts";
import { createKeeperLink } from "./keeper-link.ts";
import { createLog } from "./log.ts";
import type { FromKeeper, FromWorker } from "./messages.ts";
import { openWorkerMetadata } from "./open-metadata.ts";
import { createSettings } from "./settings.ts";

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
process.on("message", (message: FromKeeper) => {
  if (message.type === "start") void start(message.config);
  if (message.type === "warnings") warnings.swap(message.warnings);
  if (message.type === "snapshot")
    void meter.snapshot().then((snapshot) => {
      link.say({ type: "snapshot", id: message.id, snapshot });
    });
});

async function start(config: Config): Promise<void> {
  const { log, flush } = createLog(config.log);
  const settings = createSettings(config);
  let metadata: Metadata;
  let app: App;
  try {
    metadata = await openWorkerMetadata(config, link.submit);
    app = await startApp({
      config,
      settings,
      metadata,
      store: await openStore(config),
      meter,
      log,
      warnings,
      metrics: async () => renderMetrics(await link.collect(), await countRegistry(metadata)),
    });
  } catch (error) {
    link.say({ type: "failed", message: error instanceof Error ? error.message : String(error) });
    return;
  }
  process.on("message", (message: FromKeeper) => {
    if (message.type === "config") {
      settings.apply(message.config);
      log.level = message.config.log.level;
      void app.reloadTls();
    }
    if (message.type !== "stop") return;
    void app[Symbol.asyncDispose]()
      .then(() => metadata[Symbol.asyncDispose]())
      .finally(() => {
        flush();
        process.exit(0);
      });
  });
  link.say({ type: "listening", urls: app.urls });
}
