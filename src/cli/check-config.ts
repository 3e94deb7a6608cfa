import type { Check } from "#app/verbs/check-places.ts";
import type { Config } from "#config/config.ts";
import { formatOrigin } from "#config/fault.ts";
import { showConfig, shownTree } from "#config/show-config.ts";
import { CONFIG_FLAGS } from "./config-flags.ts";
import { printHelp } from "./help.ts";
import { EXIT, type Io } from "./io.ts";
import { paint } from "./terminal/paint.ts";
import { parseFlags } from "./parse-flags.ts";
import { printFaults } from "./print-faults.ts";
import { configFileName, readConfig } from "./read-config.ts";

const FLAGS = { ...CONFIG_FLAGS, json: { type: "boolean" }, offline: { type: "boolean" } } as const;

/** `berth check-config`: says what is in force and whether it can be used, or all that is wrong. */
export async function checkConfig(argv: readonly string[], io: Io): Promise<number> {
  const flags = parseFlags(argv, FLAGS);
  if (flags.has("help")) return await printHelp(["check-config"], io);
  const { config, origins, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  const json = flags.has("json");
  if (!json) {
    const file = configFileName(flags, io) ?? "no file";
    io.stdout.write(`# In force (${file}). The end of a line says where its value comes from.\n`);
    io.stdout.write(showConfig(config, origins));
  }
  const checks = flags.has("offline") ? [] : await look(config);
  if (json) {
    const from = Object.fromEntries([...origins].map(([key, origin]) => [key, formatOrigin(origin)]));
    io.stdout.write(JSON.stringify({ config: shownTree(config), origins: from, checks }, null, 2) + "\n");
  } else {
    // Comments, so that all of it still reads back as a file.
    for (const { name, ok, message, warning } of checks)
      if (ok && warning !== true) io.stdout.write(`# ${name}: ${message}\n`);
    for (const { name, message, warning } of checks)
      if (warning === true)
        io.stderr.write(`${paint("yellow", "berth: warning:", io.stderr, io)} ${name}: ${message}\n`);
  }
  const failed = checks.filter(({ ok }) => !ok);
  if (failed.length === 0) return EXIT.ok;
  if (!json) printFailed(failed, io);
  return EXIT.failure;
}

async function look(config: Config): Promise<Check[]> {
  const { checkPlaces } = await import("#app/verbs/check-places.ts");
  return checkPlaces(config);
}

function printFailed(failed: readonly Check[], io: Io): void {
  const count = failed.length === 1 ? "1 thing is" : `${failed.length} things are`;
  io.stderr.write(
    paint("red", `berth: ${count} wrong with what the configuration names`, io.stderr, io) + "\n",
  );
  for (const { name, message } of failed) io.stderr.write(`  ${name}: ${message}\n`);
}
