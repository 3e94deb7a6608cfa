/** The composition for `workers: 1` and for tests: keeper and worker in one process. */
import type { Logger } from "pino";
import { createMetrics, renderMetrics } from "#adapters/prometheus/metrics.ts";
import type { Config } from "#config/config.ts";
import { live } from "#core/live.ts";
import { startApp } from "./app.ts";
import { countRegistry } from "./count-registry.ts";
import type { ConfigSource } from "./reload.ts";
import { startUpkeep } from "./upkeep.ts";

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
  const upkeep = parts.use(await startUpkeep(config, log));
  const { settings, metadata, store } = upkeep;
  const meter = parts.use(createMetrics());
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
  const { urls } = app;
  const serving = {
    urls,
    warn: (lines: readonly string[]) => warnings.swap(lines),
    changed: () => void app.reloadTls(),
  };
  parts.use(upkeep.attend(serving, source));
  const running = parts.move();
  return { urls, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
