import { type FSWatcher, readFileSync, watch } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AdoptedExec } from "#core/engine/monitor.ts";
import { endMonitor } from "./adopt.ts";
import { type ConmonProcess, isAlive } from "./conmon-processes.ts";
import { createControl } from "./control.ts";
import { readExecNote } from "./exec-note.ts";
import type { Places } from "./places.ts";
import { within } from "#kit/within.ts";

/** How often monitors of sessions are looked at, ms; their records of an end are seen at once. */
const interval = 1000;
/** How long a monitor that was just started may take to run its process, ms. */
const patience = 5_000;
/** How long the end of sessions may take once their container has ended, ms. */
const endPatience = 2_000;

/** Exec sessions that a former process started. */
export interface AdoptedExecs extends Disposable {
  /**
   * Those of a container, once: what ran is watched, or its end is known. Sessions without a note are nobody's: they
   * are ended.
   * @param conmons of all sessions
   */
  take(container: string, conmons: readonly ConmonProcess[]): Promise<AdoptedExec[]>;
  /** When all of a container have ended, at most a moment after itself. */
  over(container: string): Promise<void>;
}

interface Watched {
  container: string;
  folder: string;
  conmon: ConmonProcess;
  exit: PromiseWithResolvers<number>;
  watcher: FSWatcher | undefined;
}

export function createAdoptedExecs(
  places: Places,
  report: (error: unknown, what: string) => void,
): AdoptedExecs {
  const sessions = new Set<Watched>();
  const timer = setInterval(() => sessions.forEach(look), interval).unref();

  function look(session: Watched): void {
    const { container, folder, conmon, exit, watcher } = session;
    // In this order: the record is written before conmon ends.
    const gone = !isAlive(conmon);
    const code = readCode(folder, container);
    if ((code === undefined && !gone) || !sessions.delete(session)) return;
    watcher?.close();
    exit.resolve(code ?? 255);
    void clean(folder, conmon);
  }

  async function clean(folder: string, conmon: ConmonProcess | undefined): Promise<void> {
    if (conmon !== undefined) await endMonitor(conmon);
    // What can't be removed goes with the container's.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }

  function watchIn(folder: string, seen: () => void): FSWatcher | undefined {
    try {
      return watch(folder, { persistent: false }, seen).on("error", () => undefined);
    } catch (error) {
      report(error, "the end of an exec session can't be watched; it is looked at each second");
      return undefined;
    }
  }

  async function takeOne(
    container: string,
    id: string,
    conmon: ConmonProcess | undefined,
  ): Promise<AdoptedExec | undefined> {
    const folder = places.exec(container, id);
    const alive = () => conmon !== undefined && isAlive(conmon);
    const end = Date.now() + patience;
    let pid = 0;
    while ((pid = await readPid(folder)) === 0 && alive() && Date.now() < end) await sleep(5);
    // conmon gives up where the engine dies before it could be told the pid; its process would run on unwatched.
    if (!alive() && readCode(folder, container) === undefined && isIn(container, pid)) kill(pid);
    const note = await readExecNote(folder);
    if (note === undefined || pid === 0) {
      // The monitor's child for as long as that is there: its number isn't another's.
      if (alive()) kill(pid === 0 ? -(conmon?.pid ?? 0) : pid);
      await clean(folder, conmon);
      return undefined;
    }
    const control = createControl(folder);
    const exit = Promise.withResolvers<number>();
    if (conmon === undefined || !isAlive(conmon)) {
      exit.resolve(readCode(folder, container) ?? 255);
      await clean(folder, undefined);
    } else {
      const session: Watched = { container, folder, conmon, exit, watcher: undefined };
      session.watcher = watchIn(folder, () => look(session));
      sessions.add(session);
      look(session);
    }
    return {
      ...{ id, pid, note: note.note, exit: exit.promise },
      resize: ({ rows, columns }) => control.resize(rows, columns),
    };
  }

  return {
    async take(container, conmons) {
      const ids = await readdir(join(places.container(container), "execs")).catch(() => []);
      const all = ids.map((id) =>
        takeOne(
          container,
          id,
          conmons.find(({ exec }) => exec === id),
        ).catch((error: unknown) => report(error, `exec session ${id} can't be found again`)),
      );
      return (await Promise.all(all)).filter((one) => one !== undefined);
    },

    async over(container) {
      const ends = [...sessions].filter((one) => one.container === container).map(({ exit }) => exit.promise);
      if (ends.length > 0) await within(Promise.all(ends), endPatience);
    },

    [Symbol.dispose]() {
      clearInterval(timer);
      for (const { watcher } of sessions) watcher?.close();
      sessions.clear();
    },
  };
}

async function readPid(folder: string): Promise<number> {
  const pid = Number.parseInt(await readFile(join(folder, "pidfile"), "latin1").catch(() => "0"), 10);
  return pid > 0 ? pid : 0;
}

/** Undefined: nothing was noted yet. conmon names the record for the container. */
function readCode(folder: string, container: string): number | undefined {
  try {
    const code = Number.parseInt(readFileSync(join(folder, container), "latin1"), 10);
    return code >= 0 && code <= 255 ? code : 255;
  } catch {
    return undefined;
  }
}

/** By its cgroup: a number that is another's by now isn't. */
function isIn(container: string, pid: number): boolean {
  try {
    return pid > 0 && readFileSync(`/proc/${pid}/cgroup`, "latin1").includes(container);
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Just gone.
  }
}
