import type { Examination } from "#app/doctor/finding.ts";
import { CONFIG_FLAGS } from "../config-flags.ts";
import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { parseArguments } from "../parse-flags.ts";
import { printFaults } from "../print-faults.ts";
import { readConfig } from "../read-config.ts";
import { paint } from "../terminal/paint.ts";
import { UsageError } from "../usage-error.ts";

const { config: file, data } = CONFIG_FLAGS;

/** `berth doctor [registry|engine]`: what this machine lacks, and the line that cures it. */
export async function doctor(argv: readonly string[], io: Io): Promise<number> {
  const specs = { config: file, data, json: { type: "boolean" } } as const;
  const { flags, operands } = parseArguments(argv, specs, ["[PART]"]);
  if (flags.has("help")) return await printHelp(["doctor"], io);
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  const { examine, examined } = await import("#app/doctor/examine.ts");
  const [wanted] = operands;
  const parts = wanted === undefined ? examined : examined.filter((part) => part === wanted);
  if (parts.length === 0) throw new UsageError(`"${wanted}" is not ${examined.join(" or ")}`);
  const examinations = await examine(config, io.machine.root, parts);
  if (flags.has("json")) io.stdout.write(`${JSON.stringify(examinations, null, 2)}\n`);
  else for (const one of examinations) print(one, io);
  const sound = examinations.every(({ findings }) => findings.every(({ state }) => state !== "missing"));
  return sound ? EXIT.ok : EXIT.failure;
}

function print({ about, findings }: Examination, io: Io): void {
  const { stdout } = io;
  stdout.write(`${paint("bold", about, stdout, io)}\n`);
  const width = Math.max(...findings.map(({ name }) => name.length));
  for (const { name, state, message, cure } of findings) {
    const colour = state === "missing" ? "red" : state === "poor" ? "yellow" : undefined;
    const word = state.padEnd("missing".length);
    const shown = colour === undefined ? word : paint(colour, word, stdout, io);
    stdout.write(`  ${shown}  ${name.padEnd(width)}  ${message}\n`);
    if (cure !== undefined) stdout.write(`           ${" ".repeat(width)}→ ${cure}\n`);
  }
}
