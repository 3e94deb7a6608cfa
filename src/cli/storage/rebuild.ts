import { bucketInWords } from "#app/verbs/bucket-words.ts";
import { listShelf, rebuild as rebuildRegistry, type RebuildReport } from "#app/verbs/rebuild.ts";
import type { Config } from "#config/config.ts";
import type { ShelvedSnapshot } from "#core/metadata-shelf.ts";
import { snapshotTime } from "#core/snapshot-name.ts";
import { day } from "../accounts/account-table.ts";
import { CONFIG_FLAGS } from "../config-flags.ts";
import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { parseArguments } from "../parse-flags.ts";
import { printFaults } from "../print-faults.ts";
import { readConfig } from "../read-config.ts";
import { askYes } from "../terminal/ask-yes.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { createProgress } from "../terminal/progress-bar.ts";
import { sizeText } from "../terminal/size-text.ts";

/** Named on a terminal; --json has all. */
const mostNamed = 10;
const mostPlaces = 5;

/** `berth rebuild`. */
export async function rebuild(argv: readonly string[], io: Io): Promise<number> {
  const specs = {
    config: CONFIG_FLAGS.config,
    data: CONFIG_FLAGS.data,
    snapshot: { type: "string" },
    list: { type: "boolean" },
    force: { type: "boolean" },
    yes: { type: "boolean" },
    json: { type: "boolean" },
  } as const;
  const { flags } = parseArguments(argv, specs, []);
  if (flags.has("help")) return await printHelp(["rebuild"], io);
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  if (flags.has("list")) return await list(config, flags.has("json"), io);
  const agree = async (snapshot: ShelvedSnapshot | undefined) =>
    flags.has("yes") || (await askYes(io, questionFor(snapshot)));
  const order = { snapshot: flags.get("snapshot")?.[0], force: flags.has("force"), agree };
  let report: RebuildReport | undefined;
  {
    using progress = createProgress({ io, label: "Rebuilding", unit: "blobs" });
    report = await interruptible(
      (line) => progress.note(line),
      (signal) => bucketInWords(() => rebuildRegistry(config, { ...order, signal }, progress)),
    );
  }
  if (report === undefined) {
    io.stderr.write("berth: nothing was done\n");
    return EXIT.failure;
  }
  io.stdout.write(flags.has("json") ? `${JSON.stringify(report)}\n` : rebuildText(report, config));
  const { blobs, verified, snapshot, skipped } = report;
  const whole =
    blobs.missing.length === 0 &&
    verified.faults.length === 0 &&
    skipped.length === 0 &&
    snapshot !== undefined &&
    !isAllUnknown(report);
  return whole ? EXIT.ok : EXIT.failure;
}

async function list(config: Config, json: boolean, io: Io): Promise<number> {
  const found = await bucketInWords(() => listShelf(config));
  if (json) io.stdout.write(`${JSON.stringify(found)}\n`);
  else if (found.length === 0) io.stderr.write("berth: there are no snapshots beside the blobs\n");
  else
    for (const { name, size } of found) io.stdout.write(`${name}  ${day(timeOf(name))}  ${sizeText(size)}\n`);
  return EXIT.ok;
}

function questionFor(snapshot: ShelvedSnapshot | undefined): string {
  return snapshot === undefined
    ? "There is no snapshot of the metadata beside the blobs: all tags, manifests and accounts are lost. " +
        "Begin with an empty database?"
    : `The newest snapshot is of ${timeOf(snapshot.name)}: what changed after that is lost. Take it?`;
}

/** What was done, and what nobody can know any more. */
export function rebuildText(report: RebuildReport, { gc }: Pick<Config, "gc">): string {
  const { snapshot, skipped, aside, blobs, verified } = report;
  const lines: string[] = [];
  if (aside !== undefined) lines.push(`the database that was there is now ${aside}`);
  for (const { name, why } of skipped) lines.push(`the snapshot ${name} can't be used: ${why}`);
  if (snapshot === undefined)
    lines.push(
      "there was no snapshot of the metadata: tags, manifests and accounts can't be known; push the images again, " +
        "and add the accounts",
    );
  else
    lines.push(
      `metadata as of ${timeOf(snapshot.name)} (${snapshot.name})`,
      "what nobody can know: images pushed, tags moved or deleted after that, and changes of accounts and tokens; " +
        "what was deleted since is back, as far as its blobs are there; all access tokens that were issued are refused",
    );
  const { present, moved, missing, moreMissing, unknown, unknownBytes } = blobs;
  lines.push(`${present} blobs are in place${moved > 0 ? `, ${moved} were found at another place` : ""}`);
  if (unknown > 0)
    lines.push(
      `${unknown} blobs (${sizeText(unknownBytes)}) aren't known to it: ` +
        (gc.enabled
          ? "garbage collection removes them after gc.grace; set gc.enabled: false to keep them for now"
          : "the next berth gc removes them after gc.grace"),
    );
  for (const { digest, why, of } of missing.slice(0, mostNamed))
    lines.push(...named(`blob ${digest}`, why, of));
  const lost = missing.length + moreMissing;
  if (lost > 0)
    lines.push(
      `${lost} blobs are missing: clients see them as unknown; push the images again, or restore them`,
    );
  const other = verified.faults.filter(({ digest }) => !missing.some((one) => one.digest === digest));
  for (const { kind, digest, why, of } of other.slice(0, mostNamed))
    lines.push(...named(`${kind} ${digest}`, why, of));
  const bad = verified.faults.length + verified.moreFaults;
  if (isAllUnknown(report)) {
    lines.push(
      `what the ${unknown} blobs were of is lost: no repository, tag or manifest is known. ` +
        (snapshot === undefined
          ? "Restore a backup (berth restore), or push the images again"
          : "An older snapshot may know them (berth rebuild --list; --snapshot NAME --force), or a backup (berth restore)"),
    );
    return `${lines.join("\n")}\n`;
  }
  lines.push(
    `${verified.repositories} repositories, ${verified.tags} tags, ${verified.manifests} manifests: ` +
      (bad === 0 ? "all good" : `${bad} faults; berth verify names them again`),
  );
  return `${lines.join("\n")}\n`;
}

/** Blobs are there, and nothing that says what they are. */
function isAllUnknown({ blobs, verified }: RebuildReport): boolean {
  return blobs.unknown > 0 && blobs.present + blobs.moved + verified.repositories === 0;
}

function named(what: string, why: string, of: readonly string[]): string[] {
  return [`${what} ${why}`, ...(of.length > 0 ? [`  in ${of.slice(0, mostPlaces).join(", ")}`] : [])];
}

function timeOf(name: string): string {
  return new Date(snapshotTime(name) ?? 0).toISOString();
}
