import { isBerth } from "#app/doctor/registry/is-berth.ts";
import { CONFIG_FLAGS } from "../config-flags.ts";
import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { parseFlags } from "../parse-flags.ts";
import { printFaults } from "../print-faults.ts";
import { readConfig } from "../read-config.ts";

const { config: file, data, listen } = CONFIG_FLAGS;

/** `berth healthcheck`: whether the server of this configuration answers, for what watches containers. */
export async function healthcheck(argv: readonly string[], io: Io): Promise<number> {
  const flags = parseFlags(argv, { config: file, data, listen });
  if (flags.has("help")) return await printHelp(["healthcheck"], io);
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  const [address] = config.listen;
  if (address !== undefined && (await isBerth(address.host, address.port))) return EXIT.ok;
  io.stderr.write(`berth: nothing answers at ${address?.host ?? "?"}:${address?.port ?? "?"}\n`);
  return EXIT.failure;
}
