import { resolve } from "node:path";
import { importDistribution, type DistributionImport } from "#app/verbs/import-distribution.ts";
import { compileGlob } from "#kit/glob.ts";
import { CONFIG_FLAGS } from "../config-flags.ts";
import { printHelp } from "../help.ts";
import { importSummary } from "./import-summary.ts";
import { EXIT, type Io } from "../io.ts";
import { parseArguments, type Flags, type FlagSpec } from "../parse-flags.ts";
import { printFaults } from "../print-faults.ts";
import { createProgress } from "../terminal/progress-bar.ts";
import { readConfig } from "../read-config.ts";
import { UsageError } from "../usage-error.ts";

const FLAGS = {
  "dry-run": { type: "boolean" },
  repository: { type: "string", multiple: true },
  overwrite: { type: "boolean" },
  link: { type: "boolean" },
  json: { type: "boolean" },
  endpoint: { type: "string" },
  region: { type: "string" },
  "access-key-id-file": { type: "string" },
  "secret-access-key-file": { type: "string" },
  config: CONFIG_FLAGS.config,
  data: CONFIG_FLAGS.data,
} as const satisfies Record<string, FlagSpec>;

/** `berth import distribution PLACE`: takes over a registry of CNCF Distribution. */
export async function importVerb(argv: readonly string[], io: Io): Promise<number> {
  const [kind = "", ...rest] = argv;
  if (kind === "--help" || kind === "-h") return await printHelp(["import"], io);
  if (kind !== "distribution")
    throw new UsageError(
      kind === ""
        ? "say from what: import distribution"
        : `unknown "import ${kind}"; there is import distribution`,
    );
  const { flags, operands } = parseArguments(rest, FLAGS, ["DIR or s3://BUCKET"]);
  if (flags.has("help")) return await printHelp(["import"], io);
  const wanted = readWanted(flags, operands[0] ?? "", io);
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  const progress = createProgress({ io, label: wanted.dryRun ? "Looking" : "Importing", unit: "blobs" });
  try {
    const report = await importDistribution(config, { ...wanted, progress });
    progress.end();
    if (flags.has("json"))
      io.stdout.write(`${JSON.stringify({ dryRun: wanted.dryRun, ...report }, null, 2)}\n`);
    else io.stdout.write(importSummary(report, wanted.dryRun));
    if (report.repositories === 0 && flags.has("repository")) {
      io.stderr.write(`berth: no repository there matches ${flags.get("repository")?.join(", ")}\n`);
      return EXIT.failure;
    }
    return report.leftOut.length === 0 ? EXIT.ok : EXIT.failure;
  } finally {
    progress.end();
  }
}

function readWanted(flags: Flags, place: string, io: Io): Omit<DistributionImport, "progress"> {
  const text = (name: keyof typeof FLAGS) => flags.get(name)?.[0];
  const file = (name: keyof typeof FLAGS) => {
    const path = text(name);
    return path === undefined ? undefined : resolve(io.cwd, path);
  };
  const [id, secret] = [file("access-key-id-file"), file("secret-access-key-file")];
  if ((id === undefined) !== (secret === undefined))
    throw new UsageError("--access-key-id-file and --secret-access-key-file belong together");
  const inBucket = place.startsWith("s3://");
  if (inBucket && !/^s3:\/\/[^/]/.test(place))
    throw new UsageError(`${place} names no bucket: write s3://BUCKET/PREFIX`);
  const forBuckets = ["endpoint", "region", "access-key-id-file"].find((name) => flags.has(name));
  if (!inBucket && forBuckets !== undefined) throw new UsageError(`--${forBuckets} is for s3://BUCKET`);
  const endpoint = text("endpoint");
  if (endpoint !== undefined && !/^https?:\/\/./.test(endpoint))
    throw new UsageError("--endpoint is a URL that begins with https:// or http://");
  const globs = (flags.get("repository") ?? ["**"]).map(compileGlob);
  return {
    from: inBucket ? place : resolve(io.cwd, place),
    access: {
      endpoint,
      region: text("region"),
      keyFiles: id === undefined || secret === undefined ? undefined : { id, secret },
    },
    dryRun: flags.has("dry-run"),
    link: flags.has("link"),
    overwrite: flags.has("overwrite"),
    takes: (name) => globs.some((matches) => matches(name)),
  };
}
