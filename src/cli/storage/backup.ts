import { backUp, type BackupReport } from "#app/verbs/backup.ts";
import { placeText } from "#app/verbs/backup-places.ts";
import { bucketInWords } from "#app/verbs/bucket-words.ts";
import { refuseWithoutFile } from "#app/verbs/postgres-backup.ts";
import { printHelp } from "../help.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { EXIT, type Io } from "../io.ts";
import { parseArguments } from "../parse-flags.ts";
import { bucketAccess, PLACE_FLAGS, placeNamed } from "./place-flags.ts";
import { printFaults } from "../print-faults.ts";
import { createProgress } from "../terminal/progress-bar.ts";
import { readConfig } from "../read-config.ts";
import { sizeText } from "../terminal/size-text.ts";
import { UsageError } from "../usage-error.ts";

/** Digests named on a terminal; --json has all. */
const mostNamed = 10;

/** `berth backup [FILE | s3://BUCKET/KEY] [--blobs PLACE]`. */
export async function backup(argv: readonly string[], io: Io): Promise<number> {
  const specs = { ...PLACE_FLAGS, verify: { type: "boolean" } } as const;
  const { flags, operands } = parseArguments(argv, specs, ["[FILE]"]);
  if (flags.has("help")) return await printHelp(["backup"], io);
  const [name] = operands;
  const snapshot = placeNamed(name, io);
  const blobs = placeNamed(flags.get("blobs")?.[0], io);
  if (snapshot === undefined && blobs !== undefined && flags.has("force"))
    throw new UsageError("--force is of no use without FILE");
  if (blobs === undefined && flags.has("verify"))
    throw new UsageError("--verify is of no use without --blobs");
  const access = bucketAccess(flags, io, [snapshot, blobs]);
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  if (snapshot === undefined && blobs === undefined) {
    await refuseWithoutFile(config, "backup");
    throw new UsageError("FILE missing");
  }
  const order = { snapshot, blobs, force: flags.has("force"), verify: flags.has("verify"), access };
  let report: BackupReport;
  {
    using progress = createProgress({ io, label: "Backing up", unit: "blobs" });
    const say = (line: string) => {
      progress.end();
      io.stderr.write(`${line}\n`);
    };
    report = await interruptible(say, (signal) =>
      bucketInWords(() => backUp(config, { ...order, signal }, progress), {
        config,
        access,
        places: [snapshot, blobs],
      }),
    );
  }
  if (flags.has("json")) io.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    if (snapshot !== undefined)
      io.stdout.write(`${placeText(snapshot)}: metadata, ${sizeText(report.snapshot ?? 0)}\n`);
    if (blobs !== undefined && report.blobs !== undefined)
      io.stdout.write(`${placeText(blobs)}: ${blobText(report.blobs)}\n`);
  }
  const damaged = report.blobs?.damaged ?? [];
  for (const { digest, why } of damaged.slice(0, mostNamed)) io.stderr.write(`berth: ${digest} ${why}\n`);
  if (damaged.length === 0) return EXIT.ok;
  io.stderr.write(
    `berth: ${damaged.length === 1 ? "1 blob is" : `${damaged.length} blobs are`} damaged in the registry and not in the backup: push again ` +
      `(berth verify says which tags have them)\n`,
  );
  return EXIT.failure;
}

function blobText({ copied, linked, kept, bytes }: NonNullable<BackupReport["blobs"]>): string {
  const parts = [`${copied} blobs copied (${sizeText(bytes)})`];
  if (linked > 0) parts.push(`${linked} linked`);
  return [...parts, `${kept} there already`].join(", ");
}
