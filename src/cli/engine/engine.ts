import { resolve } from "node:path";
import type { FlagKeys } from "../config-flags.ts";
import { CONFIG_FLAGS } from "../config-flags.ts";
import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { parseFlags } from "../parse-flags.ts";
import { printFaults } from "../print-faults.ts";
import { configFileName, readConfig } from "../read-config.ts";
import { serveUntilStopped } from "../serve-until-stopped.ts";

/** What the everyday flags mean here: the engine's own addresses and folder. */
const ENGINE_KEYS: FlagKeys = [
  ["listen", "engine.listen"],
  ["data", "engine.data"],
  ["log-level", "log.level"],
];

const { config: file, listen, data, "log-level": level } = CONFIG_FLAGS;
const FLAGS = { config: file, listen, data, "log-level": level } as const;

/** `berth engine`: containers on this machine, over the Docker Engine API. */
export async function engine(argv: readonly string[], io: Io): Promise<number> {
  const flags = parseFlags(argv, FLAGS);
  if (flags.has("help")) return await printHelp(["engine"], io);
  const read = () => readConfig(flags, io, ENGINE_KEYS);
  const { config, faults } = await read();
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  if (!io.machine.root) {
    io.stderr.write("berth: the engine needs root: sudo berth engine (the registry doesn't need it)\n");
    return EXIT.failure;
  }
  const { startEngine } = await import("#app/engine/start-engine.ts");
  const name = configFileName(flags, io);
  return await serveUntilStopped(
    startEngine,
    config,
    { file: name === undefined ? undefined : resolve(io.cwd, name), read },
    { facts: { data: config.engine.data }, beside: process.connected, stderr: io.stderr },
  );
}
