import { readUsage, type UsageReport } from "#app/verbs/usage.ts";
import type { RepositoryDetail } from "#core/metadata/usage.ts";
import { parseRepositoryName } from "#oci/reference.ts";
import { CONFIG_FLAGS } from "../config-flags.ts";
import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { parseArguments } from "../parse-flags.ts";
import { printFaults } from "../print-faults.ts";
import { readConfig } from "../read-config.ts";
import { UsageError } from "../usage-error.ts";
import { usageJson } from "./usage-json.ts";
import { usageText } from "./usage-text.ts";

const orders = {
  bytes: (a: RepositoryDetail, b: RepositoryDetail) => b.bytes - a.bytes,
  name: (a: RepositoryDetail, b: RepositoryDetail) => (a.name < b.name ? -1 : 1),
};

/** `berth usage [REPOSITORY …]`. */
export async function usage(argv: readonly string[], io: Io): Promise<number> {
  const { config: file, data } = CONFIG_FLAGS;
  const specs = { config: file, data, sort: { type: "string" }, json: { type: "boolean" } } as const;
  const { flags, operands } = parseArguments(argv, specs, ["[REPOSITORY …]"]);
  if (flags.has("help")) return await printHelp(["usage"], io);
  const sort = flags.get("sort")?.at(-1) ?? "bytes";
  if (sort !== "bytes" && sort !== "name") throw new UsageError(`--sort is bytes or name, not ${sort}`);
  const names = operands.length === 0 ? undefined : operands.map(named);
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  const report: UsageReport = await readUsage(config, names);
  report.repositories.sort((a, b) => orders[sort](a, b) || orders.name(a, b));
  io.stdout.write(flags.has("json") ? `${JSON.stringify(usageJson(report))}\n` : usageText(report));
  return EXIT.ok;
}

function named(text: string) {
  const name = parseRepositoryName(text);
  if (name === undefined) throw new UsageError(`"${text}" is not the name of a repository`);
  return name;
}
