import { bucketInWords } from "#app/verbs/bucket-words.ts";
import { collectGarbage } from "#app/verbs/collect-garbage.ts";
import { CONFIG_FLAGS } from "../config-flags.ts";
import { readDuration } from "../duration-flag.ts";
import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { parseArguments } from "../parse-flags.ts";
import { printFaults } from "../print-faults.ts";
import { readConfig } from "../read-config.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { createProgress } from "../terminal/progress-bar.ts";
import { UsageError } from "../usage-error.ts";
import { gcSummary } from "./gc-summary.ts";

const leastGrace = 1_000;

/** `berth gc`: removes what nothing names any more. */
export async function gc(argv: readonly string[], io: Io): Promise<number> {
  const { config: file, data } = CONFIG_FLAGS;
  const specs = {
    "dry-run": { type: "boolean" },
    grace: { type: "string" },
    "all-strays": { type: "boolean" },
    json: { type: "boolean" },
    config: file,
    data,
  } as const;
  const { flags } = parseArguments(argv, specs, []);
  if (flags.has("help")) return await printHelp(["gc"], io);
  const [given] = flags.get("grace") ?? [];
  const grace = given === undefined ? undefined : readDuration("--grace", given);
  if (grace !== undefined && grace < leastGrace)
    throw new UsageError("--grace is at least 1s: a push that is just under way has to end");
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  const dryRun = flags.has("dry-run");
  const say = (line: string) => io.stderr.write(`${line}\n`);
  const report = await interruptible(say, async (signal) => {
    using progress = createProgress({ io, label: dryRun ? "Looking" : "Collecting", unit: "found" });
    let seen = { items: 0, bytes: 0 };
    return await bucketInWords(() =>
      collectGarbage(config, {
        dryRun,
        allStrays: flags.has("all-strays"),
        grace,
        signal,
        watch(_step, tally) {
          const now = { items: tally.items(), bytes: tally.bytes() };
          if (now.items > seen.items) progress.done(now.items - seen.items);
          if (now.bytes > seen.bytes) progress.add(now.bytes - seen.bytes);
          seen = now;
        },
      }),
    );
  });
  io.stdout.write(flags.has("json") ? `${JSON.stringify(report)}\n` : gcSummary(report));
  if (report.fault === undefined) return EXIT.ok;
  say(`berth: not everything could be done: ${report.fault}`);
  return EXIT.failure;
}
