import { formatOrigin } from "#config/fault.ts";
import { showConfig, shownTree } from "#config/show-config.ts";
import { CONFIG_FLAGS } from "./config-flags.ts";
import { printHelp } from "./help.ts";
import { EXIT, type Io } from "./io.ts";
import { parseFlags } from "./parse-flags.ts";
import { printFaults } from "./print-faults.ts";
import { configFileName, readConfig } from "./read-config.ts";

/** `berth check-config`: says what is in force, or all that is wrong. */
export async function checkConfig(argv: readonly string[], io: Io): Promise<number> {
  const flags = parseFlags(argv, { ...CONFIG_FLAGS, json: { type: "boolean" } });
  if (flags.has("help")) return await printHelp(["check-config"], io);
  const { config, origins, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  if (flags.has("json")) {
    const from = Object.fromEntries([...origins].map(([key, origin]) => [key, formatOrigin(origin)]));
    io.stdout.write(JSON.stringify({ config: shownTree(config), origins: from }, null, 2) + "\n");
  } else {
    const file = configFileName(flags, io) ?? "no file";
    io.stdout.write(`# In force (${file}). The end of a line says where its value comes from.\n`);
    io.stdout.write(showConfig(config, origins));
  }
  return EXIT.ok;
}
