import { existsSync } from "node:fs";
import { restore as restoreSnapshot, type RestoreReport } from "#app/verbs/restore.ts";
import { bucketInWords } from "#app/verbs/bucket-words.ts";
import { refuseWithoutFile } from "#app/verbs/postgres-backup.ts";
import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { parseArguments } from "../parse-flags.ts";
import { bucketAccess, PLACE_FLAGS, placeNamed } from "./place-flags.ts";
import { printFaults } from "../print-faults.ts";
import { createProgress } from "../terminal/progress-bar.ts";
import { readConfig } from "../read-config.ts";
import { UsageError } from "../usage-error.ts";

/** Digests named on a terminal; --json has all. */
const mostNamed = 10;

/** `berth restore [FILE | s3://BUCKET/KEY] [--blobs PLACE]`. */
export async function restore(argv: readonly string[], io: Io): Promise<number> {
  const { flags, operands } = parseArguments(argv, PLACE_FLAGS, ["[FILE]"]);
  if (flags.has("help")) return await printHelp(["restore"], io);
  const [name] = operands;
  const snapshot = placeNamed(name, io);
  const blobs = placeNamed(flags.get("blobs")?.[0], io);
  if (blobs?.kind === "file" && !existsSync(blobs.path)) {
    io.stderr.write(
      `berth: there is no folder ${blobs.path}: name the one that berth backup --blobs wrote\n`,
    );
    return EXIT.failure;
  }
  const access = bucketAccess(flags, io, [snapshot, blobs]);
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  if (snapshot === undefined && blobs === undefined) {
    await refuseWithoutFile(config, "restore");
    throw new UsageError("FILE missing");
  }
  const order = { snapshot, blobs, force: flags.has("force"), access };
  let report: RestoreReport;
  {
    using progress = createProgress({ io, label: "Restoring", unit: "blobs" });
    report = await bucketInWords(() => restoreSnapshot(config, order, progress), {
      config,
      access,
      places: [snapshot, blobs],
    });
  }
  const { present, brought, missing } = report.blobs;
  if (flags.has("json")) io.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    if (report.aside !== undefined) io.stdout.write(`the database that was there is now ${report.aside}\n`);
    const metadata = snapshot === undefined ? "" : "metadata restored; ";
    io.stdout.write(`${metadata}${present} blobs were in place, ${brought} brought from the backup\n`);
  }
  for (const { digest, why } of missing.slice(0, mostNamed)) io.stderr.write(`berth: ${digest} ${why}\n`);
  if (missing.length === 0) return EXIT.ok;
  io.stderr.write(
    `berth: ${missing.length === 1 ? "1 blob is" : `${missing.length} blobs are`} missing: ` +
      (blobs === undefined
        ? "name their backup with --blobs PLACE"
        : "where --blobs should name another place, name that one") +
      (snapshot === undefined ? ", or " : " and restore again with --force, or ") +
      `push them again; until then clients are told that they are unknown\n`,
  );
  return EXIT.failure;
}
