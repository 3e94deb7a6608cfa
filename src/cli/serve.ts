import { once } from "node:events";
import type { Config } from "#config/config.ts";
import { createLog } from "#app/log.ts";
import { AppError } from "#core/errors.ts";

/** Serves until SIGTERM or SIGINT; a second one ends at once. Returns the exit code. */
export async function serve(
  config: Config,
  io: { stderr: { write(text: string): unknown } },
): Promise<number> {
  const { log, flush } = createLog(config.log);
  const start =
    config.workers === 1
      ? (await import("#app/single.ts")).startSingle
      : (await import("#app/keeper.ts")).startKeeper;
  try {
    await using server = await start(config, log);
    log.info({ addresses: server.urls, data: config.data, workers: config.workers }, "ready");
    flush();
    const signal = await Promise.race(
      ["SIGTERM", "SIGINT"].map((name) => once(process, name).then(() => name)),
    );
    process.once("SIGTERM", () => process.exit(1)).once("SIGINT", () => process.exit(1));
    log.info({ signal }, "stopping: running requests get time to end");
    flush();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    io.stderr.write(`berth: ${error.message}\n`);
    return 1;
  } finally {
    flush();
  }
  return 0;
}
