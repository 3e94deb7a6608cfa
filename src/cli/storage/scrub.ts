import { bucketInWords } from "#app/verbs/bucket-words.ts";
import { scrubRegistry } from "#app/verbs/scrub.ts";
import type { ScrubFault, ScrubReport } from "#maintenance/scrub/scrub-report.ts";
import { parseRepositoryName, type RepositoryName } from "#oci/reference.ts";
import { CONFIG_FLAGS } from "../config-flags.ts";
import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { parseArguments } from "../parse-flags.ts";
import { printFaults } from "../print-faults.ts";
import { readConfig } from "../read-config.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { createProgress } from "../terminal/progress-bar.ts";
import { sizeText } from "../terminal/size-text.ts";
import { UsageError } from "../usage-error.ts";

/** Places named for one fault on a terminal; --json has some more. */
const mostNamed = 5;

/** `berth scrub [REPOSITORY …]`. */
export async function scrub(argv: readonly string[], io: Io): Promise<number> {
  const specs = {
    config: CONFIG_FLAGS.config,
    data: CONFIG_FLAGS.data,
    quick: { type: "boolean" },
    "no-repair": { type: "boolean" },
    json: { type: "boolean" },
  } as const;
  const { flags, operands } = parseArguments(argv, specs, ["[REPOSITORY …]"]);
  if (flags.has("help")) return await printHelp(["scrub"], io);
  const repositories = operands.length === 0 ? undefined : operands.map(repositoryNamed);
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  let report: ScrubReport;
  {
    using progress = createProgress({ io, label: "Scrubbing", unit: "things" });
    const command = { repositories, quick: flags.has("quick"), repair: !flags.has("no-repair") };
    report = await interruptible(
      (line) => progress.note(line),
      (signal) => bucketInWords(() => scrubRegistry(config, { ...command, signal }, progress)),
    );
  }
  if (flags.has("json")) io.stdout.write(`${JSON.stringify(report)}\n`);
  else io.stdout.write(scrubText(report));
  return report.left === 0 ? EXIT.ok : EXIT.failure;
}

function repositoryNamed(text: string): RepositoryName {
  const name = parseRepositoryName(text);
  if (name === undefined) throw new UsageError(`"${text}" is not the name of a repository`);
  return name;
}

/** Faults, and a line that sums up. */
export function scrubText(report: ScrubReport): string {
  const { faults, moreFaults, repositories, manifests, blobs, bytes, left, repaired } = report;
  const lines = faults.map(faultText);
  if (moreFaults > 0) lines.push(`and ${moreFaults} more`);
  const read = bytes > 0 ? ` (${sizeText(bytes)} read)` : "";
  const looked =
    `${counted(repositories, "repository", "repositories")}, ${counted(manifests, "manifest")}, ` +
    `${counted(blobs, "blob")}${read}`;
  const set = repaired > 0 ? `${counted(repaired, "fault")} set right` : "";
  const bad =
    left > 0
      ? `${counted(left, "fault")} left: what clients push again heals; else restore it from a backup`
      : "";
  lines.push(`${looked}: ${[set, bad].filter((text) => text !== "").join("; ") || "all good"}`);
  return `${lines.join("\n")}\n`;
}

function faultText(fault: ScrubFault): string {
  const { kind, digest, why, of } = fault;
  const places = of.slice(0, mostNamed).join(", ") + (of.length > mostNamed ? " …" : "");
  const name = digest === undefined ? places : `${kind} ${digest}`;
  const where = digest === undefined || places === "" ? "" : `\n  in ${places}`;
  return `${name} ${why}${where}\n  ${becameText(fault)}`;
}

function becameText({ repaired, quarantined }: ScrubFault): string {
  if (repaired !== undefined) return repaired.startsWith("from ") ? `repaired ${repaired}` : repaired;
  return quarantined
    ? "put in quarantine: clients see it as missing until it is pushed again"
    : "left as it is";
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
