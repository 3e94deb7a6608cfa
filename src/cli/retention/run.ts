import { runRetention } from "#app/verbs/retention.ts";
import type { Config } from "#config/config.ts";
import { formatDuration } from "#config/duration.ts";
import type { RepositoryReport, RetentionReport } from "#maintenance/retention/retention-report.ts";
import { printJson } from "../accounts/account-table.ts";
import type { ConfigVerb } from "../config-verb.ts";
import { EXIT, type Io } from "../io.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { createProgress } from "../terminal/progress-bar.ts";
import { counted } from "./counted.ts";
import { sayWhatStays } from "./say-what-stays.ts";

/** `berth retention run`. */
export const run: ConfigVerb = {
  operands: [],
  flags: { json: { type: "boolean" } },
  prepare:
    ({ flags, io }) =>
    async (config) => {
      const { report, repositories } = await runShown(config, io);
      if (flags.has("json")) {
        printJson({ ...report, by_repository: repositories }, io);
        return EXIT.ok;
      }
      for (const one of repositories) io.stdout.write(line(one));
      io.stdout.write(summary(report, config));
      if (report.removed > 0) sayWhatStays(config, io);
      return EXIT.ok;
    },
};

async function runShown(config: Config, io: Io) {
  const repositories: RepositoryReport[] = [];
  using bar = createProgress({ io, label: "Looking", unit: "tags" });
  const say = (line: string) => {
    bar.end();
    io.stderr.write(`${line}\n`);
  };
  const watch = {
    removed: (one: RepositoryReport) => void repositories.push(one),
    looked: (tags: number) => bar.done(tags),
  };
  const report = await interruptible(say, (signal) => runRetention(config, watch, signal));
  return { report, repositories };
}

function line({ repository, tags, removed, rules }: RepositoryReport): string {
  const by = Object.entries(rules).map(([title, count]) => `${title} ${count}`);
  return `${repository}: ${removed} of ${counted(tags, "tag")} removed (${by.join(", ")})\n`;
}

function summary({ repositories, tags, kept, removed }: RetentionReport, { retention }: Config): string {
  const sums =
    `${counted(repositories, "repository", "repositories")}, ${counted(tags, "tag")}: ` +
    `${kept} kept, ${removed} removed\n`;
  if (retention.rules.length === 0)
    return `there are no rules (retention.rules of the configuration): nothing is removed\n`;
  const back = `they can come back for ${formatDuration(retention.undo)}: berth tag removed, berth tag restore\n`;
  return removed === 0 ? sums : sums + back;
}
