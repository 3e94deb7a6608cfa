import { CONFIG_FLAGS } from "../config-flags.ts";
import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { parseArguments } from "../parse-flags.ts";
import { printFaults } from "../print-faults.ts";
import { readConfig } from "../read-config.ts";
import { noSubverb } from "../subverbs.ts";
import { UsageError } from "../usage-error.ts";
import { add } from "./add.ts";
import { list } from "./list.ts";
import type { MirrorVerb } from "./mirror-verb.ts";
import { remove } from "./remove.ts";
import { sync } from "./sync.ts";

const table: ReadonlyMap<string, MirrorVerb> = new Map([
  ["add", add],
  ["sync", sync],
  ["list", list],
  ["remove", remove],
]);

/** `berth mirror`: keeps repositories of upstreams warm. */
export async function mirror(argv: readonly string[], io: Io): Promise<number> {
  const [name = "", ...rest] = argv;
  if (name === "--help" || name === "-h") return await printHelp(["mirror"], io);
  const verb = table.get(name);
  if (verb === undefined) throw new UsageError(noSubverb("mirror", name, [...table.keys()]));
  const { config: file, data } = CONFIG_FLAGS;
  const { flags, operands } = parseArguments(rest, { ...verb.flags, config: file, data }, verb.operands);
  if (flags.has("help")) return await printHelp(["mirror"], io);
  const work = verb.prepare({ flags, operands, io });
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  return await work(config);
}
