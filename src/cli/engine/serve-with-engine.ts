import { createLog } from "#app/log.ts";
import { serveBesideEngine } from "#app/engine/serve-beside-engine.ts";
import type { Config } from "#config/config.ts";
import { formatListenAddress } from "#config/listen-address.ts";
import { AppError } from "#core/errors.ts";
import { EXIT, type Io } from "../io.ts";
import type { Flags } from "../parse-flags.ts";

export interface Given {
  argv: readonly string[];
  flags: Flags;
  /** The flag that tells `berth serve` that its engine is started already. */
  beside: string;
}

/** Both processes get the same configuration, whoever they run as: what depends on the user is written out. */
export async function serveWithEngine(
  config: Config,
  { argv, flags, beside }: Given,
  io: Io,
): Promise<number> {
  const { log, flush } = createLog(config.log);
  const data = flags.has("data") ? [] : ["--data", config.data];
  const own = (name: string) => (flags.get(name) ?? []).flatMap((value) => [`--${name}`, value]);
  const engine = {
    args: ["engine", ...own("config"), ...own("log-level")],
    env: {
      ...io.env,
      // Of the registry; the same flags of `berth engine` are about the engine.
      BERTH_DATA: config.data,
      BERTH_LISTEN: config.listen.map(formatListenAddress).join(","),
    },
  };
  try {
    return await serveBesideEngine(
      config,
      { engine, serve: { args: ["serve", ...argv, ...data, beside], env: io.env } },
      log,
    );
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    io.stderr.write(`berth: ${error.message}\n`);
    return EXIT.failure;
  } finally {
    flush();
  }
}
