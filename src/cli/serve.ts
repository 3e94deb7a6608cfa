import type { ConfigSource } from "#app/reload.ts";
import type { Config } from "#config/config.ts";
import type { Io } from "./io.ts";
import { serveUntilStopped } from "./serve-until-stopped.ts";

/** Serves the registry until it is told to stop. @param beside an engine was started beside it. Returns the exit code. */
export async function serve(
  config: Config,
  source: ConfigSource,
  { stderr }: Pick<Io, "stderr">,
  beside = false,
): Promise<number> {
  const start =
    config.workers === 1
      ? (await import("#app/single.ts")).startSingle
      : (await import("#app/keeper.ts")).startKeeper;
  return serveUntilStopped(
    async (running, log, read) => {
      if (config.engine.enabled && !beside)
        log.warn(
          "engine.enabled: the engine needs root, so it isn't started; run `berth engine` beside, as root",
        );
      return start(running, log, read);
    },
    config,
    source,
    { facts: { data: config.data, workers: config.workers }, beside, stderr },
  );
}
