import { type FSWatcher, readFileSync, watch } from "node:fs";
import { isAlive } from "./conmon-processes.ts";
import { drained } from "./drained.ts";
import { lostExit, readExit } from "./exit-record.ts";
import type { MonitoredRuntime } from "#core/engine/monitored-runtime.ts";
import type { Places } from "./places.ts";
import type { Run } from "./runs.ts";
import { within } from "#kit/within.ts";

/** How often monitors that aren't our children are looked at, ms; of those that are the system tells. */
const interval = 1000;
/** How long output that is noted in full may take to reach us, ms. */
const patience = 10_000;

/** Notes the ends of runs: by conmon's exit record, or because conmon is gone without one. */
export interface EndWatch extends Disposable {
  /** Something may have happened to it. */
  look(run: Run): void;
}

export function watchEnds(
  places: Places,
  runtime: MonitoredRuntime,
  runs: ReadonlyMap<string, Run>,
  report: (error: unknown, what: string) => void,
): EndWatch {
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(places.exits, { persistent: false }, (_, name) => {
      const run = name === null ? undefined : runs.get(name);
      if (run !== undefined) look(run);
    });
    watcher.on("error", (error) =>
      report(error, "exit records can't be watched; they are looked at each second"),
    );
  } catch (error) {
    report(error, "exit records can't be watched; they are looked at each second");
  }
  const timer = setInterval(() => {
    for (const run of runs.values()) {
      if (!run.ours && !isWatched(run)) look(run);
      // conmon can't note an end while it waits for a reader that takes nothing.
      if (!run.ended && run.streams.full() && !hasProcess(run.pid)) run.streams.letGo();
    }
  }, interval).unref();

  const isWatched = ({ conmon }: Run) => conmon !== undefined && isAlive(conmon);

  function look(run: Run): void {
    if (run.ending || run.ended) return;
    // In this order: the record is written before conmon ends.
    const gone = !isWatched(run);
    const exit = readExit(places, run.launch.id);
    if (exit === undefined && !gone) return;
    run.ending = true;
    void end(run, exit).catch((error: unknown) =>
      report(error, `the end of ${run.launch.id} can't be noted`),
    );
  }

  async function end(run: Run, record: ReturnType<typeof readExit>): Promise<void> {
    const { id } = run.launch;
    let exit = record ?? lostExit();
    // Its process would run on unwatched, and its output go nowhere.
    if (record === undefined)
      await runtime
        .remove(id)
        .catch((error: unknown) => report(error, `container ${id} lost its monitor and can't be removed`));
    else if (!exit.oomKilled) exit = { ...exit, oomKilled: await runtime.oomKilled(id).catch(() => false) };
    const { channel, quiet, streams } = run;
    // Who is slow gets the rest later: nobody else waits for that.
    if (quiet !== undefined && !streams.full()) await within(quiet.promise, patience);
    run.ended = true;
    run.exit.resolve(exit);
    // Whoever waited for the exit code notes it before readers see their end.
    await new Promise((resolve) => setImmediate(resolve));
    if (quiet !== undefined) await drained(quiet.promise, streams, patience);
    channel?.close();
    streams.end();
  }

  return {
    look,
    [Symbol.dispose]() {
      watcher?.close();
      clearInterval(timer);
    },
  };
}

/** False also for one that has ended and is only noted by nobody yet. */
function hasProcess(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}
