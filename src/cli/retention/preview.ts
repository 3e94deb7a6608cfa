import { previewRetention } from "#app/verbs/retention.ts";
import type { Config } from "#config/config.ts";
import type { TagDecision } from "#maintenance/retention/survey.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { ConfigVerb } from "../config-verb.ts";
import { EXIT, type Io } from "../io.ts";
import { repositoryNamed } from "../tag/tag-named.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { counted } from "./counted.ts";
import { createDecisionTable, decisionJson } from "./decision-table.ts";
import { sayWhatStays } from "./say-what-stays.ts";

/** `berth retention preview [REPOSITORY …]`. */
export const preview: ConfigVerb = {
  operands: ["[REPOSITORY …]"],
  flags: { json: { type: "boolean" }, removed: { type: "boolean" } },
  prepare({ operands, flags, io }) {
    const names = operands.map(repositoryNamed);
    const asked = {
      names: names.length === 0 ? undefined : names,
      json: flags.has("json"),
      removedOnly: flags.has("removed"),
    };
    return async (config) => {
      const say = (line: string) => void io.stderr.write(`${line}\n`);
      await interruptible(say, (signal) => show(config, asked, io, signal));
      return EXIT.ok;
    };
  },
};

interface Asked {
  names: readonly RepositoryName[] | undefined;
  json: boolean;
  removedOnly: boolean;
}

/** Page by page, so that a repository with very many tags takes no memory. */
async function show(
  config: Config,
  { names, json, removedOnly }: Asked,
  io: Io,
  signal: AbortSignal,
): Promise<void> {
  const sums = { repositories: 0, tags: 0, kept: 0, removed: 0 };
  const print = json ? jsonLines(io) : createDecisionTable(io);
  let last: RepositoryName | undefined;
  for await (const page of previewRetention(config, names, signal)) {
    const repository = page[0]?.repository;
    if (repository !== last) sums.repositories++;
    last = repository;
    sums.tags += page.length;
    sums.removed += page.filter(({ kept }) => !kept).length;
    sums.kept = sums.tags - sums.removed;
    print(removedOnly ? page.filter(({ kept }) => !kept) : page);
  }
  if (json) {
    io.stdout.write(`${sums.tags === 0 ? '{"tags":[' : ""}],"sums":${JSON.stringify(sums)}}\n`);
    return;
  }
  if (config.retention.rules.length === 0)
    io.stderr.write("there are no rules (retention.rules of the configuration): nothing is removed\n");
  else if (sums.removed > 0) sayWhatStays(config, io);
  const { repositories, tags, kept, removed } = sums;
  io.stdout.write(
    `${counted(repositories, "repository", "repositories")}, ${counted(tags, "tag")}: ` +
      `${kept} kept, ${removed} would be removed\n`,
  );
}

/** The beginning of one JSON object: its tags, a line each. */
function jsonLines(io: Io): (page: readonly TagDecision[]) => void {
  let before = '{"tags":[\n';
  return (page) => {
    for (const decision of page) {
      io.stdout.write(before + JSON.stringify(decisionJson(decision)));
      before = ",\n";
    }
  };
}
