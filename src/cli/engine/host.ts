import type { EngineAddress } from "#config/config.ts";
import { formatEngineAddress } from "#config/engine-schema.ts";
import { HOST_VARIABLE } from "#config/read-environment.ts";
import type { Io } from "../io.ts";
import { readConfig } from "../read-config.ts";
import { UsageError } from "../usage-error.ts";
import type { DockerArguments, DockerFlag } from "./docker-flags.ts";

/** Of every verb that speaks to an engine. */
export const HOST_FLAGS = {
  host: { kind: "text", short: "H" },
  config: { kind: "text" },
} as const satisfies Record<string, DockerFlag>;

/** The engine's socket: `--host`, BERTH_HOST, or the first unix socket of the configuration. */
export async function socketPath(args: DockerArguments, io: Io): Promise<string> {
  const said = args.text("host") ?? (io.env[HOST_VARIABLE] || undefined);
  if (said !== undefined) {
    const path = said.startsWith("unix://") ? said.slice("unix://".length) : said;
    if (path.startsWith("/")) return path;
    throw new UsageError(
      `"${said}" is not a socket of this machine; write unix:///run/berth/engine.sock (docker -H speaks tcp://)`,
    );
  }
  const file = args.text("config");
  const { config } = await readConfig(new Map(file === undefined ? [] : [["config", [file]]]), io);
  if (config === undefined)
    throw new UsageError(
      "the configuration has faults (berth check-config names them); name the engine with --host unix://PATH",
    );
  const found = config.engine.listen.find(
    (address): address is EngineAddress & { path: string } => "path" in address,
  );
  if (found !== undefined) return found.path;
  const listed = config.engine.listen.map(formatEngineAddress).join(", ");
  throw new UsageError(
    `the engine listens on ${listed} alone: use docker -H, or add a unix:// address to engine.listen`,
  );
}
