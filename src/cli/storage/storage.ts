import { migrateStorage, type Migration } from "#app/verbs/migrate-storage.ts";
import type { StoreKind } from "#config/config.ts";
import { didYouMean } from "#config/nearest-name.ts";
import { CONFIG_FLAGS } from "../config-flags.ts";
import { readDuration } from "../duration-flag.ts";
import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { parseFlags, type Flags, type FlagSpec } from "../parse-flags.ts";
import { printFaults } from "../print-faults.ts";
import { createProgress } from "../terminal/progress-bar.ts";
import { readConfig } from "../read-config.ts";
import { isWhole, migrationJson, migrationSummary } from "./storage-summary.ts";
import { sizeText } from "../terminal/size-text.ts";
import { UsageError } from "../usage-error.ts";

const FLAGS = {
  from: { type: "string" },
  to: { type: "string" },
  "dry-run": { type: "boolean" },
  parallel: { type: "string" },
  "delete-source": { type: "boolean" },
  grace: { type: "string" },
  json: { type: "boolean" },
  config: CONFIG_FLAGS.config,
  data: CONFIG_FLAGS.data,
} as const satisfies Record<string, FlagSpec>;

const standardParallel = 4;
const standardGrace = "10m";

type Wanted = Pick<Migration, "from" | "to" | "parallel" | "dryRun" | "removeAfter">;

/** `berth storage migrate`: moves blobs between disk and S3. */
export async function storage(argv: readonly string[], io: Io): Promise<number> {
  const [name = "", ...rest] = argv;
  if (name === "--help" || name === "-h") return await printHelp(["storage"], io);
  if (name !== "migrate")
    throw new UsageError(
      name === ""
        ? "say what to do: storage migrate"
        : `unknown "storage ${name}"${didYouMean(name, ["migrate"]) || "; there is storage migrate"}`,
    );
  const flags = parseFlags(rest, FLAGS);
  if (flags.has("help")) return await printHelp(["storage"], io);
  const wanted = readWanted(flags);
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  const stop = new AbortController();
  const interrupted = () => {
    stop.abort();
  };
  // Once: whoever is in a hurry interrupts twice.
  process.once("SIGINT", interrupted);
  process.once("SIGTERM", interrupted);
  const progress = createProgress({ io, label: wanted.dryRun ? "Looking" : "Moving", unit: "blobs" });
  try {
    const migrated = await migrateStorage(config, {
      ...wanted,
      signal: stop.signal,
      raised: (grace) => {
        progress.note(
          `berth: old copies are kept for ${Math.ceil(grace / 1000)} s instead of --grace: so long work the signed links that are out (storage.s3.redirect.expiry)`,
        );
      },
      found: ({ blobs, bytes }) => {
        progress.expect({ items: blobs, bytes });
      },
      watch: {
        bytes: (count) => {
          progress.add(count);
        },
        blob: () => {
          progress.done();
        },
        damaged: ({ digest, fault }) => {
          progress.note(`berth: ${digest} stays in ${wanted.from}: ${fault}`);
        },
        waiting: (copies, left) => {
          const until = new Date(Date.now() + left).toISOString().replace(/\.\d+/, "");
          progress.note(
            `berth: all is moved; ${copies === 1 ? "1 old copy is" : `${copies} old copies are`} removed when readers had their time, ` +
              `the last at ${until} (Ctrl-C leaves them)`,
          );
        },
      },
    });
    progress.end();
    if (flags.has("json")) io.stdout.write(`${JSON.stringify(migrationJson(wanted, migrated), null, 2)}\n`);
    else io.stdout.write(migrationSummary(wanted, migrated, sizeText));
    return wanted.dryRun || isWhole(migrated) ? EXIT.ok : EXIT.failure;
  } finally {
    progress.end();
    process.off("SIGINT", interrupted);
    process.off("SIGTERM", interrupted);
  }
}

function readWanted(flags: Flags): Wanted {
  const [from, to] = [placeOf(flags, "from"), placeOf(flags, "to")];
  if (from === to) throw new UsageError(`--from and --to are both ${from}`);
  const removes = flags.has("delete-source");
  if (flags.has("grace") && !removes) throw new UsageError("--grace needs --delete-source");
  return {
    from,
    to,
    parallel: parallelOf(flags),
    dryRun: flags.has("dry-run"),
    removeAfter: removes ? readDuration("--grace", flags.get("grace")?.[0] ?? standardGrace) : undefined,
  };
}

function placeOf(flags: Flags, flag: "from" | "to"): StoreKind {
  const value = flags.get(flag)?.[0];
  if (value === "disk" || value === "s3") return value;
  throw new UsageError(value === undefined ? `--${flag} missing: disk or s3` : `--${flag} is disk or s3`);
}

function parallelOf(flags: Flags): number {
  const value = flags.get("parallel")?.[0] ?? String(standardParallel);
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= 1 && number <= 64) return number;
  throw new UsageError(`--parallel ${value}: write a whole number from 1 to 64`);
}
