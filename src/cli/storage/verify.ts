import { bucketInWords } from "#app/verbs/bucket-words.ts";
import { verifyRegistry } from "#app/verbs/verify.ts";
import type { VerifyTarget } from "#maintenance/verify/verify.ts";
import type { VerifyFault, VerifyReport } from "#maintenance/verify/verify-report.ts";
import { parseDigest } from "#oci/digest.ts";
import { parseRepositoryName, parseTag } from "#oci/reference.ts";
import { CONFIG_FLAGS } from "../config-flags.ts";
import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { parseArguments } from "../parse-flags.ts";
import { printFaults } from "../print-faults.ts";
import { createProgress } from "../terminal/progress-bar.ts";
import { readConfig } from "../read-config.ts";
import { sizeText } from "../terminal/size-text.ts";
import { UsageError } from "../usage-error.ts";

/** Places named for one fault on a terminal; --json has some more. */
const mostNamed = 5;

/** `berth verify [REPOSITORY[:TAG|@DIGEST] …]`. */
export async function verify(argv: readonly string[], io: Io): Promise<number> {
  const { config: file, data } = CONFIG_FLAGS;
  const specs = {
    config: file,
    data,
    quick: { type: "boolean" },
    "no-mark": { type: "boolean" },
    json: { type: "boolean" },
  } as const;
  const { flags, operands } = parseArguments(argv, specs, ["[REPOSITORY …]"]);
  if (flags.has("help")) return await printHelp(["verify"], io);
  const targets = operands.length === 0 ? undefined : operands.map(targetNamed);
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  const order = { targets, quick: flags.has("quick"), mark: !flags.has("no-mark") };
  let report: VerifyReport;
  {
    using progress = createProgress({ io, label: "Verifying", unit: "tags" });
    report = await bucketInWords(() => verifyRegistry(config, order, progress));
  }
  if (flags.has("json")) io.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    for (const fault of report.faults) io.stdout.write(faultText(fault));
    if (report.moreFaults > 0) io.stdout.write(`and ${report.moreFaults} more\n`);
    io.stdout.write(summary(report));
    if (report.marked > 0) io.stdout.write(markText(report.marked));
  }
  if (report.notMarked !== undefined)
    io.stderr.write(`berth: nothing was marked as damaged: ${report.notMarked}\n`);
  return report.faults.length === 0 ? EXIT.ok : EXIT.failure;
}

function targetNamed(text: string): VerifyTarget {
  const at = text.indexOf("@");
  const colon = at < 0 ? text.lastIndexOf(":") : -1;
  const end = at >= 0 ? at : colon > text.lastIndexOf("/") ? colon : text.length;
  const repository = parseRepositoryName(text.slice(0, end));
  const name = text.slice(end + 1);
  const reference = end === text.length ? undefined : at >= 0 ? parseDigest(name) : parseTag(name);
  if (repository === undefined || (end < text.length && reference === undefined))
    throw new UsageError(`"${text}" is not REPOSITORY, REPOSITORY:TAG or REPOSITORY@DIGEST`);
  return { repository, reference };
}

function faultText({ digest, kind, why, of, count }: VerifyFault): string {
  const places = of.slice(0, mostNamed).join(", ");
  const more =
    count > Math.min(of.length, mostNamed) ? ` and ${count - Math.min(of.length, mostNamed)} more` : "";
  return `${kind} ${digest} ${why}\n  in ${places}${more}\n`;
}

function summary({
  repositories,
  tags,
  manifests,
  blobs,
  bytes,
  holes,
  faults,
  moreFaults,
}: VerifyReport): string {
  const read = bytes > 0 ? ` (${sizeText(bytes)} read)` : "";
  const known =
    holes > 0
      ? `; what ${counted(holes, "reference")} name${holes === 1 ? "s" : ""} was never pushed here`
      : "";
  const bad = faults.length + moreFaults;
  return (
    `${counted(repositories, "repository", "repositories")}, ${counted(tags, "tag")}, ` +
    `${counted(manifests, "manifest")}, ${counted(blobs, "blob")}${read}${known}: ` +
    `${bad === 0 ? "all good" : `${bad} damaged`}\n`
  );
}

function markText(marked: number): string {
  return marked === 1
    ? "1 blob marked: clients see it as missing until it is pushed again\n"
    : `${marked} blobs marked: clients see them as missing until they are pushed again\n`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
