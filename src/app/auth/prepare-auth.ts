import type { Logger } from "pino";
import type { Config } from "#config/config.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { Turn } from "../servers/turn.ts";

/**
 * The signing key and the first admin, before anything serves; nothing where Berth has no accounts of its own.
 * Here, and not where it is called: what has `await using` in it is compiled, and tsc then leaves the names of
 * sources in `import()` as they are.
 */
export async function prepareAuthIfOn(
  config: Config,
  metadata: Metadata,
  log: Logger,
  turn?: Turn,
): Promise<AsyncDisposable | undefined> {
  if (config.auth?.mode !== "token") return undefined;
  const { prepareAuth } = await import("./auth.ts");
  return prepareAuth(config, metadata, log, turn);
}
