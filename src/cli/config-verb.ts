import type { Config } from "#config/config.ts";
import { CONFIG_FLAGS } from "./config-flags.ts";
import { printHelp } from "./help.ts";
import { EXIT, type Io } from "./io.ts";
import { parseArguments, type Flags, type FlagSpec } from "./parse-flags.ts";
import { printFaults } from "./print-faults.ts";
import { readConfig } from "./read-config.ts";
import { noSubverb } from "./subverbs.ts";
import { UsageError } from "./usage-error.ts";

/** What `berth mirror add` is to `berth mirror`: a subverb that works by the configuration. */
export interface ConfigVerb {
  /** As the help spells them. */
  operands: readonly string[];
  flags: Readonly<Record<string, FlagSpec>>;
  /** Checks the flags; gives what then runs with the configuration: its exit code. Throws UsageError. */
  prepare(given: { operands: readonly string[]; flags: Flags; io: Io }): (config: Config) => Promise<number>;
}

/** Runs `berth VERB SUBVERB …` of a table. */
export async function runConfigVerb(
  verb: string,
  table: ReadonlyMap<string, ConfigVerb>,
  argv: readonly string[],
  io: Io,
): Promise<number> {
  const [name = "", ...rest] = argv;
  if (name === "--help" || name === "-h") return await printHelp([verb], io);
  const subverb = table.get(name);
  if (subverb === undefined) throw new UsageError(noSubverb(verb, name, [...table.keys()]));
  const { config: file, data } = CONFIG_FLAGS;
  const specs = { ...subverb.flags, config: file, data };
  const { flags, operands } = parseArguments(rest, specs, subverb.operands);
  if (flags.has("help")) return await printHelp([verb], io);
  const work = subverb.prepare({ flags, operands, io });
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  return await work(config);
}
