import { once } from "node:events";
import { createLog } from "#app/log.ts";
import type { ConfigSource } from "#app/reload.ts";
import type { RunningServer } from "#app/single.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { Io } from "./io.ts";

/** One Ctrl-C can arrive twice: from the terminal, and from npm passing it on. */
const sameSignal = 1_000;

type Start = (
  config: Config,
  log: ReturnType<typeof createLog>["log"],
  source: ConfigSource,
) => Promise<RunningServer>;

/**
 * Runs a server until SIGTERM or SIGINT; a second one, a moment later, ends at once. Returns the exit code.
 * @param facts of the line "ready". @param beside it was started beside another berth, and ends with that one.
 */
export async function serveUntilStopped(
  start: Start,
  config: Config,
  source: ConfigSource,
  { facts, beside, stderr }: { facts: object; beside: boolean } & Pick<Io, "stderr">,
): Promise<number> {
  const { log, flush } = createLog(config.log);
  try {
    await using server = await start(config, log, source);
    log.info({ addresses: server.urls, ...facts }, "ready");
    flush();
    const signal = await stopSignal(beside);
    log.info({ signal }, "stopping: running requests get time to end");
    flush();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    stderr.write(`berth: ${error.message}\n`);
    return 1;
  } finally {
    flush();
    if (beside && process.connected) process.disconnect();
  }
  return 0;
}

/** SIGTERM or SIGINT; SIGHUP, which else reads the configuration again, too where a terminal was closed. Arms the second signal. */
async function stopSignal(beside: boolean): Promise<string> {
  const names = process.stdin.isTTY ? ["SIGTERM", "SIGINT", "SIGHUP"] : ["SIGTERM", "SIGINT"];
  const signals = names.map((name) => once(process, name).then(() => name));
  if (beside) signals.push(once(process, "disconnect").then(() => "the end of the one that started it"));
  const signal = await Promise.race(signals);
  const since = Date.now();
  for (const name of names)
    process.on(name, () => {
      if (Date.now() - since > sameSignal) process.exit(1);
    });
  return signal;
}
