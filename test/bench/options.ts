import { parseArgs } from "node:util";
import { settingsFor, type Settings } from "./settings.ts";
import type { GroupName } from "./workloads/all.ts";

export interface Options {
  group: GroupName;
  settings: Settings;
  /** Row names; empty for all of the group. */
  only: string[];
  /** Server ids; empty for all. */
  servers: string[];
  peers: { name: string; url: URL }[];
  distribution2: string | undefined;
  distribution3: string | undefined;
  nginx: string | undefined;
  /** Compiled main of another build. */
  berth: string | undefined;
  build: boolean;
  installPeers: boolean;
  /** Folder for the servers' data. */
  folder: string | undefined;
  json: boolean;
  writeDocs: boolean;
  help: boolean;
}

export const usage = `npm run bench -- [s3 | cache | engine | gc] [options]

Measures Berth beside other registries on this machine and prints medians, ratios and targets.
With the word s3: pushes and pulls of registries that keep their blobs in one S3 server (Ceph RGW).
With the word cache: pulls through registries that cache one upstream, beside pulls from it.
With the word gc: what nothing names is removed from a million blobs, while pushes go on (one round).
With the word engine: containers of Berth beside those of dockerd, by one docker CLI; takes root.

  --rounds N             rounds, 1 to 20 (3)
  --seconds S            seconds a measurement, 0.2 to 60 (4)
  --quick                one short round; shows that the bench works, not how fast anything is
  --only ROWS            rows by name, with commas between
  --servers IDS          servers by id, with commas between: berth, distribution-2, distribution-3, nginx, peers;
                         of engine: berth, dockerd
  --peer NAME=URL        a registry that is already running, http and without a login (many times)
  --distribution2 PATH   Distribution 2.8 (docker-registry on PATH)
  --distribution3 PATH   Distribution 3 (BENCH_DISTRIBUTION3, else the tools' cache)
  --nginx PATH           nginx (on PATH)
  --install-peers        build Distribution 3.1.2 with Go into the tools' cache, where it is missing
  --berth FILE           the compiled main of another build of Berth
  --no-build             take dist/ as it is
  --folder DIR           where the servers keep their data during the run (bench-results/)
  --json                 print the results as JSON
  --write-docs           put the tables into docs/benchmarks.md
`;

/** The command line as options; all faults in one error. */
export function parseOptions(
  args: string[],
  groups: Readonly<Record<GroupName, readonly string[]>>,
): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    allowNegative: true,
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      servers: { type: "string", multiple: true, default: [] },
      peer: { type: "string", multiple: true, default: [] },
      distribution2: { type: "string" },
      distribution3: { type: "string" },
      nginx: { type: "string" },
      "install-peers": { type: "boolean", default: false },
      berth: { type: "string" },
      build: { type: "boolean", default: true },
      folder: { type: "string" },
      json: { type: "boolean", default: false },
      "write-docs": { type: "boolean", default: false },
      help: { type: "boolean", default: false, short: "h" },
    },
  });
  const faults: string[] = [];
  const rounds = numberIn("--rounds", values.rounds, 1, 20, faults);
  const seconds = numberIn("--seconds", values.seconds, 0.2, 60, faults);
  if (rounds !== undefined && !Number.isInteger(rounds)) faults.push("--rounds: give a whole number");
  const [word = "disk", ...more] = positionals;
  const group = isGroup(word, groups) ? word : "disk";
  if (word !== group || more.length > 0)
    faults.push(`${positionals.join(" ")}: the words are s3, cache, engine and gc, one of them`);
  const rowNames = groups[group];
  const only = values.only.flatMap(words);
  for (const name of only) {
    if (!rowNames.includes(name))
      faults.push(`--only ${name}: no such row; there are ${rowNames.join(", ")}`);
  }
  const peers = values.peer.map((text) => parsePeer(text, faults)).filter((peer) => peer !== undefined);
  const names = new Set(["berth", "distribution-2", "distribution-3", "nginx", "dockerd"]);
  for (const { name } of peers) {
    if (names.has(name.toLowerCase())) faults.push(`--peer ${name}: another server has that name`);
    names.add(name.toLowerCase());
  }
  const servers = values.servers.flatMap(words);
  for (const id of servers) {
    if (!names.has(id)) faults.push(`--servers ${id}: no such server; there are ${[...names].join(", ")}`);
  }
  if (values["write-docs"] && values.quick)
    faults.push("--write-docs: the figures of a --quick run mean nothing");
  if (values["write-docs"] && only.length + servers.length > 0) {
    faults.push("--write-docs: leave --only and --servers out, or the other figures would be gone");
  }
  if (faults.length > 0) throw new Error(faults.join("\n"));
  return {
    group,
    settings: settingsFor(values.quick, rounds ?? (group === "gc" ? 1 : undefined), seconds),
    only,
    servers,
    peers,
    distribution2: values.distribution2,
    distribution3: values.distribution3,
    nginx: values.nginx,
    berth: values.berth,
    build: values.build,
    installPeers: values["install-peers"],
    folder: values.folder,
    json: values.json,
    writeDocs: values["write-docs"],
    help: values.help,
  };
}

function isGroup(word: string, groups: object): word is GroupName {
  return Object.hasOwn(groups, word);
}

function words(text: string): string[] {
  return text.split(",").filter((word) => word !== "");
}

function numberIn(
  flag: string,
  text: string | undefined,
  low: number,
  high: number,
  faults: string[],
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && value >= low && value <= high) return value;
  faults.push(`${flag} ${text}: give a number from ${low} to ${high}`);
  return undefined;
}

function parsePeer(text: string, faults: string[]): { name: string; url: URL } | undefined {
  const match = /^([A-Za-z0-9][A-Za-z0-9._-]*)=(http:\/\/.+)$/.exec(text);
  const url = match?.[2] === undefined ? null : URL.parse(match[2]);
  if (match?.[1] !== undefined && url !== null) return { name: match[1], url };
  faults.push(`--peer ${text}: give NAME=http://HOST:PORT`);
  return undefined;
}
