// npm run bench: starts servers in turn, loads them, prints and saves what they did. It judges nothing by its exit
// code, but for a row that broke. See docs/benchmarks.md.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { fileSystemOf } from "./disk.ts";
import { lineUp, upstreamProgram } from "./line-up.ts";
import { machineFacts } from "./machine.ts";
import { parseOptions, usage, type Options } from "./options.ts";
import { progressOn } from "./progress.ts";
import { writeDocs } from "./report/docs.ts";
import type { Results } from "./report/results.ts";
import { terminalText } from "./report/terminal.ts";
import { playRounds, turnsOf } from "./rounds.ts";
import { startUpstream } from "./servers/upstream.ts";
import { findProgram, versionOf } from "./tools.ts";
import { groups, type GroupName } from "./workloads/all.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));
const stopped = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => stopped.abort(new Error("the bench was stopped")));
}

try {
  const rowNames = (group: GroupName) =>
    groups[group].flatMap((workload) => workload.rows.map((row) => row.name));
  const names = {
    disk: rowNames("disk"),
    s3: rowNames("s3"),
    cache: rowNames("cache"),
    engine: rowNames("engine"),
    gc: rowNames("gc"),
  };
  const options = parseOptions(process.argv.slice(2), names);
  if (options.help)
    process.stdout.write(
      `${usage}\nrows: ${names.disk.join(", ")}\nrows of s3: ${names.s3.join(", ")}\nrows of cache: ${names.cache.join(", ")}\nrows of engine: ${names.engine.join(", ")}\nrows of gc: ${names.gc.join(", ")}\n`,
    );
  else process.exitCode = await bench(options, stopped.signal);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = stopped.signal.aborted ? 130 : 1;
}

async function bench(options: Options, signal: AbortSignal): Promise<number> {
  const { settings } = options;
  const chosen = groups[options.group].filter(
    ({ rows }) => options.only.length === 0 || rows.some((row) => options.only.includes(row.name)),
  );
  const saved = join(project, "bench-results");
  const parent = options.folder === undefined ? saved : resolve(options.folder);
  await mkdir(parent, { recursive: true });
  await mkdir(saved, { recursive: true });
  await checkDisk(parent, Math.max(...chosen.map((workload) => workload.disk(settings))));

  for (const workload of chosen) await workload.prepare?.();
  const upstreamCommand = options.group === "cache" ? await upstreamProgram(options, signal) : undefined;
  const { servers: found, missing } = await lineUp(project, options, signal);
  const servers = found.filter((server) => chosen.some((one) => one.leavesOut(server) === undefined));
  if (servers.length === 0) throw new Error("no server to measure");
  const wrk = await findProgram("wrk");
  const nginx = options.nginx ?? (await findProgram("nginx"));
  const tell = (text: string) => process.stderr.write(`${text}\n`);
  for (const text of missing) tell(`left out: ${text}`);
  if (wrk === undefined)
    tell("wrk is not installed: small GETs use the bench's own client, which takes more CPU time");

  const folder = await mkdtemp(join(parent, "run-"));
  const results: Results = {
    date: new Date().toISOString(),
    group: options.group,
    machine: await machineFacts(folder),
    settings,
    servers: servers.map(({ id, label }) => ({ id, label })),
    rows: [],
  };
  if (options.group === "engine")
    results.client = `docker CLI ${await versionOf("docker", "--version", signal)}`;
  if (results.machine.fileSystem === "tmpfs")
    tell("the data is in memory (tmpfs), where fsync costs nothing: use --folder");
  let broken = 0;
  const progress = progressOn(process.stderr, turnsOf({ servers, workloads: chosen, settings }));
  const broke = (text: string) => {
    broken++;
    progress.clear();
    tell(text);
  };
  try {
    await using upstream =
      upstreamCommand && (await startUpstream(upstreamCommand, join(folder, "upstream"), signal));
    if (upstream !== undefined) results.upstream = upstream.label;
    results.rows = await playRounds({
      servers,
      workloads: chosen,
      settings,
      folder,
      wrk,
      nginx,
      upstream,
      progress,
      broke,
      signal,
    });
  } finally {
    progress.clear();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  const text = JSON.stringify(results, null, 2);
  await writeFile(join(saved, `${results.date.replaceAll(":", "-").slice(0, 19)}.json`), `${text}\n`);
  const colours = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
  process.stdout.write(options.json ? `${text}\n` : terminalText(results, colours));
  if (settings.quick && !options.json)
    process.stdout.write("A --quick run: these figures only show that the bench works.\n");
  if (options.writeDocs) await writeDocs(join(project, "docs/benchmarks.md"), results);
  return broken > 0 ? 1 : 0;
}

async function checkDisk(folder: string, bytes: number): Promise<void> {
  const { free } = await fileSystemOf(folder);
  const need = bytes * 1.2 + 2e9;
  if (free >= need) return;
  const gigabytes = (count: number) => `${(count / 1e9).toFixed(0)} GB`;
  throw new Error(
    `${folder} has ${gigabytes(free)} free and the run needs ${gigabytes(need)}: free some, use --folder, --only or fewer --seconds`,
  );
}
