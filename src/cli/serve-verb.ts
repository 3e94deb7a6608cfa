import { resolve } from "node:path";
import { CONFIG_FLAGS } from "./config-flags.ts";
import { EXIT, type Io } from "./io.ts";
import { parseFlags } from "./parse-flags.ts";
import { printFaults } from "./print-faults.ts";
import { configFileName, readConfig } from "./read-config.ts";
import { printHelp } from "./help.ts";

/** Of the registry that was started together with an engine: not for people. */
const BESIDE = "beside-engine";

/** `berth serve`: nothing is opened or started before the whole configuration is good. */
export async function serveVerb(argv: readonly string[], io: Io): Promise<number> {
  const flags = parseFlags(argv, { ...CONFIG_FLAGS, [BESIDE]: { type: "boolean" } });
  if (flags.has("help")) return await printHelp(["serve"], io);
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  const beside = flags.has(BESIDE);
  if (config.engine.enabled && io.machine.root && !beside) {
    const { serveWithEngine } = await import("./engine/serve-with-engine.ts");
    return await serveWithEngine(config, { argv, flags, beside: `--${BESIDE}` }, io);
  }
  const { serve } = await import("./serve.ts");
  const name = configFileName(flags, io);
  const file = name === undefined ? undefined : resolve(io.cwd, name);
  return await serve(config, { file, read: () => readConfig(flags, io) }, io, beside);
}
