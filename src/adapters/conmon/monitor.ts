/**
 * conmon, one for each container and one for each exec session: holds the streams, writes the log, notes the end, and
 * goes on when the engine is killed. Never decides what may be done to a container; that is the service's business.
 * Files of a run lie in the run folder, so that a boot takes them; only the log lies with the container.
 * create → (attach) → start → exit → release; after a restart: adopt, then sweep.
 */
import { rm } from "node:fs/promises";
import { AppError } from "#core/errors.ts";
import type { Launch, Monitor } from "#core/engine/monitor.ts";
import { endMonitor, findContainer } from "./adopt.ts";
import { createAdoptedExecs } from "./adopt-execs.ts";
import { type ConmonProcess, conmonProcesses } from "./conmon-processes.ts";
import { connectRun } from "./connect-run.ts";
import { createContainer } from "./create-container.ts";
import { execSession } from "./exec-session.ts";
import { readExit } from "./exit-record.ts";
import type { MonitorOptions } from "./monitor-parts.ts";
import { createConmons } from "./spawn-conmon.ts";
import { createPlaces } from "./places.ts";
import { createReadyCgroups } from "./ready-cgroups.ts";
import { readLog } from "./read-log.ts";
import { rotateLogs } from "./rotate-logs.ts";
import type { Run } from "./runs.ts";
import { startTime } from "#kit/process-start.ts";
import { sweepAll } from "./sweep.ts";
import { createSwitchboard } from "./switchboard.ts";
import { watchEnds } from "./watch-ends.ts";
import { within } from "#kit/within.ts";

/** How long a reader may take nothing of a full buffer, ms. */
const standardPatience = 5 * 60_000;
/** How long a killed container's end may take to be noted, ms. */
const endPatience = 5_000;
/** One look at all processes serves containers that are adopted together, ms. */
const lookGoodFor = 1000;

export function createMonitor(options: MonitorOptions): Monitor & AsyncDisposable {
  const { runFolder, runtime, logPath, report, patience = standardPatience } = options;
  const places = createPlaces(runFolder);
  const runs = new Map<string, Run>();
  const switchboard = createSwitchboard(report);
  const conmons = createConmons();
  const ends = watchEnds(places, runtime, runs, report);
  const rotation = rotateLogs(runs, logPath, report);
  const expectProcess = createReadyCgroups();
  const adoptedExecs = createAdoptedExecs(places, report);
  let looked: { at: number; all: ConmonProcess[] } | undefined;

  function running(id: string): Run {
    const run = runs.get(id);
    if (run === undefined || run.ended)
      throw new AppError("engine-conflict", `Container ${id} is not running`);
    return run;
  }

  function keep(run: Pick<Run, "launch" | "pid" | "conmon" | "ours">): Run {
    const whole = connectRun(run, places.container(run.launch.id), switchboard, patience);
    runs.set(run.launch.id, whole);
    return whole;
  }

  function conmonsNow(): readonly ConmonProcess[] {
    if (looked === undefined || Date.now() - looked.at > lookGoodFor)
      looked = { at: Date.now(), all: conmonProcesses(runtime.facts.root) };
    return looked.all;
  }

  async function release(id: string): Promise<void> {
    const run = runs.get(id);
    await runtime.remove(id);
    // Their records lie in its folder.
    await adoptedExecs.over(id);
    if (run !== undefined) {
      // Its end must be noted before the record of it goes.
      ends.look(run);
      if (!run.ended) await within(run.exit.promise, endPatience);
      if (run.conmon !== undefined) await endMonitor(run.conmon);
      if (!run.ended) {
        ends.look(run);
        await within(run.exit.promise, endPatience);
      }
      if (runs.get(id) === run) runs.delete(id);
    }
    await Promise.all([
      rm(places.container(id), { recursive: true, force: true }),
      rm(places.exit(id), { force: true }),
    ]);
  }

  return {
    expectProcess,

    async create(launch) {
      expectProcess();
      if (runs.has(launch.id)) await release(launch.id);
      const { pid, conmon } = await createContainer(launch, places, options, conmons);
      const { spec: _, ...rest } = launch;
      const started = startTime(conmon.pid);
      const run = keep({
        launch: rest,
        pid,
        conmon: started === undefined ? undefined : { pid: conmon.pid, startTime: started },
        ours: true,
      });
      void conmon.gone.then(() => ends.look(run));
      return { pid };
    },

    async start(id) {
      const run = running(id);
      // Who is attached by now misses nothing.
      await run.channel?.connected;
      await runtime.start(id).catch(async (error: unknown) => {
        await runtime.remove(id).catch(() => undefined);
        throw error;
      });
    },

    async exit(id) {
      const run = runs.get(id);
      if (run !== undefined) return run.exit.promise;
      const exit = readExit(places, id);
      if (exit === undefined)
        throw new AppError("engine-failed", `nothing is known of the end of container ${id}`);
      return exit;
    },

    async adopt(launch: Omit<Launch, "spec">) {
      const { id } = launch;
      const known = runs.get(id);
      if (known !== undefined) return { pid: known.pid, running: !known.ended };
      const found = await findContainer(id, places, runtime, conmonsNow());
      if (found === undefined) return undefined;
      const { pid, conmon } = found;
      const run = keep({
        launch,
        pid,
        conmon,
        ours: false,
      });
      ends.look(run);
      return { pid, running: !run.ending && !run.ended };
    },

    attach(id) {
      const run = runs.get(id);
      return run === undefined || run.ended ? undefined : run.streams.attach();
    },

    async resize(id, { rows, columns }) {
      const run = running(id);
      if (run.launch.tty) await run.control.resize(rows, columns);
    },

    logs(id, query, signal) {
      const run = runs.get(id);
      return readLog(
        logPath(id),
        query,
        signal,
        run === undefined || run.ended ? undefined : run.exit.promise,
      );
    },

    release,
    exec: (exec) => {
      expectProcess();
      return execSession(exec, {
        ...{ places, runtime, switchboard, conmons, patience },
        first: runs.get(exec.container)?.pid,
      });
    },
    adoptExecs: (container) => adoptedExecs.take(container, conmonsNow()),
    sweep: (known) => sweepAll(new Set([...known, ...runs.keys()]), places, runtime),

    async [Symbol.asyncDispose]() {
      ends[Symbol.dispose]();
      adoptedExecs[Symbol.dispose]();
      rotation[Symbol.dispose]();
      conmons[Symbol.dispose]();
      await switchboard[Symbol.asyncDispose]();
    },
  };
}
