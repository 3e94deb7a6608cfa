import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Progress } from "./progress.ts";
import { removeFolder } from "./remove-folder.ts";
import { addMedians, emptyRow, type RowResults, type ServerResults } from "./report/results.ts";
import type { Server } from "./servers/server.ts";
import type { Upstream } from "./servers/upstream.ts";
import type { Settings } from "./settings.ts";
import { LeftOut, type Bout, type Workload } from "./workloads/workload.ts";

export interface Run {
  servers: readonly Server[];
  workloads: readonly Workload[];
  settings: Settings;
  /** Of the run; each turn gets a folder in it. */
  folder: string;
  wrk: string | undefined;
  nginx: string | undefined;
  upstream: Upstream | undefined;
  progress: Progress;
  /** Told at once what broke. */
  broke(text: string): void;
  signal: AbortSignal;
}

/** How many turns a run has, for its progress. */
export function turnsOf({
  servers,
  workloads,
  settings,
}: Pick<Run, "servers" | "workloads" | "settings">): number {
  return servers.length * workloads.length * settings.rounds;
}

/**
 * Every workload in every round, the servers by turns: A B C, then B C A, so that none always follows the same one.
 * A server that broke a row isn't asked for it again.
 */
export async function playRounds(run: Run): Promise<RowResults[]> {
  const rows = new Map(run.workloads.map((workload) => [workload, workload.rows.map(emptyRow)]));
  const runName = randomBytes(4).toString("hex");
  let turn = 0;
  for (let round = 0; round < run.settings.rounds; round++) {
    for (const [workload, results] of rows) {
      for (let place = 0; place < run.servers.length; place++) {
        run.signal.throwIfAborted();
        const server = run.servers[(place + round) % run.servers.length];
        if (server === undefined) continue;
        run.progress.step(`${workload.rows[0]?.title} · ${server.label} · round ${round + 1}`);
        const repository = `bench-${runName}/turn-${++turn}`;
        await takeTurn(run, workload, { server, repository, round }, results);
      }
    }
  }
  const all = [...rows.values()].flat();
  for (const row of all) for (const one of Object.values(row.servers)) addMedians(one);
  return all;
}

async function takeTurn(
  run: Run,
  workload: Workload,
  turn: Pick<Bout, "server" | "repository" | "round">,
  rows: readonly RowResults[],
): Promise<void> {
  const { server, repository } = turn;
  const results = rows.map((row) => (row.servers[server.id] ??= { rounds: [] }));
  if (results.some((one) => one.error !== undefined || one.note !== undefined)) return;
  const mark = (fact: Pick<ServerResults, "note" | "error">) => {
    for (const one of results) Object.assign(one, fact);
  };
  const note = workload.leavesOut(server);
  if (note !== undefined) return mark({ note });
  const folder = join(run.folder, repository.replaceAll("/", "-"));
  await mkdir(folder, { recursive: true });
  const { settings, wrk, nginx, upstream, signal } = run;
  const bout: Bout = { ...turn, folder, settings, wrk, nginx, upstream, signal };
  try {
    const measurements = await workload.measure(bout);
    for (const [i, one] of results.entries()) {
      const measurement = measurements[i];
      if (measurement === undefined) one.note = "can't be measured there";
      else one.rounds.push(measurement);
    }
  } catch (error) {
    run.signal.throwIfAborted();
    if (error instanceof LeftOut) return mark({ note: error.message });
    const text = messageOf(error);
    mark({ error: text });
    run.broke(`${rows.map((row) => row.name).join(", ")} broke on ${server.label}: ${text}`);
  } finally {
    await removeFolder(folder);
  }
}

/** With its cause: fetch says only "fetch failed" itself. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
