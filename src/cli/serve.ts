import { once } from "node:events";
import { createLog } from "#app/log.ts";
import type { ConfigSource } from "#app/reload.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";

/** One Ctrl-C can arrive twice: from the terminal, and from npm passing it on. */
const sameSignal = 1_000;

/** Serves until SIGTERM or SIGINT; a second one, a moment later, ends at once. Returns the exit code. */
export async function serve(
  config: Config,
  source: ConfigSource,
  io: { stderr: { write(text: string): unknown } },
): Promise<number> {
  const { log, flush } = createLog(config.log);
  const start =
    config.workers === 1
      ? (await import("#app/single.ts")).startSingle
      : (await import("#app/keeper.ts")).startKeeper;
  try {
    await using server = await start(config, log, source);
    log.info({ addresses: server.urls, data: config.data, workers: config.workers }, "ready");
    flush();
    const signal = await stopSignal();
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

/** SIGTERM or SIGINT; SIGHUP, which else reads the configuration again, too where a terminal was closed. Arms the second signal. */
async function stopSignal(): Promise<string> {
  const names = process.stdin.isTTY ? ["SIGTERM", "SIGINT", "SIGHUP"] : ["SIGTERM", "SIGINT"];
  const signal = await Promise.race(names.map((name) => once(process, name).then(() => name)));
  const since = Date.now();
  for (const name of names)
    process.on(name, () => {
      if (Date.now() - since > sameSignal) process.exit(1);
    });
  return signal;
}
