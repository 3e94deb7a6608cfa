import { didYouMean } from "#config/nearest-name.ts";
import type { Config } from "#config/config.ts";
import { CONFIG_FLAGS } from "./config-flags.ts";
import { withAdmin, type AdminCall } from "./accounts/admin-call.ts";
import { printHelp } from "./help.ts";
import { EXIT, type Io } from "./io.ts";
import { parseArguments, type Flags, type FlagSpec } from "./parse-flags.ts";
import { printFaults } from "./print-faults.ts";
import { readConfig } from "./read-config.ts";
import { UsageError } from "./usage-error.ts";

/** What `berth user add` is to `berth user`. */
export interface Subverb {
  /** As the help spells them. */
  operands: readonly string[];
  flags: Readonly<Record<string, FlagSpec>>;
  /** Checks the flags, and asks for what is missing, before anything is opened; gives what then calls. */
  prepare(given: Given): Promise<Work> | Work;
}

export interface Given {
  operands: readonly string[];
  flags: Flags;
  io: Io;
}

export type Work = (call: AdminCall) => Promise<void>;

/** Runs `berth VERB SUBVERB …` of a table. */
export async function runSubverb(
  verb: string,
  table: ReadonlyMap<string, Subverb>,
  argv: readonly string[],
  io: Io,
): Promise<number> {
  const [name = "", ...rest] = argv;
  if (name === "--help" || name === "-h") return printHelp([verb], io);
  const subverb = table.get(name);
  if (subverb === undefined) throw new UsageError(noSubverb(verb, name, [...table.keys()]));
  const { config: file, data } = CONFIG_FLAGS;
  const { flags, operands } = parseArguments(
    rest,
    { ...subverb.flags, config: file, data },
    subverb.operands,
  );
  if (flags.has("help")) return printHelp([verb], io);
  const work = await subverb.prepare({ operands, flags, io });
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  await withAdmin(config satisfies Config, work);
  return EXIT.ok;
}

/** What to say about `berth VERB NAME` where there is no such thing. */
export function noSubverb(verb: string, name: string, names: readonly string[]): string {
  const list = `there are ${names.map((known) => `${verb} ${known}`).join(", ")}`;
  if (name === "") return `say what to do: ${list}`;
  return `unknown "${verb} ${name}"${didYouMean(name, names) || `; ${list}`}`;
}
