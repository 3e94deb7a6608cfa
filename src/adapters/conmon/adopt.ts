import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConmonProcess, isAlive } from "./conmon-processes.ts";
import type { MonitoredRuntime } from "#core/engine/monitored-runtime.ts";
import type { Places } from "./places.ts";

/** How long a monitor that was just started may take to make its container, ms. */
const patience = 5_000;

export interface Found {
  pid: number;
  /** Undefined: it ended. */
  conmon: ConmonProcess | undefined;
}

/**
 * A container of a former process that ran, or runs. What was made but never started is taken away, for nothing of it
 * was seen by anybody.
 */
export async function findContainer(
  id: string,
  places: Places,
  runtime: MonitoredRuntime,
  conmons: readonly ConmonProcess[],
): Promise<Found | undefined> {
  const folder = places.container(id);
  if (!existsSync(folder)) return undefined;
  const conmon = conmons.find((one) => one.container === id && one.exec === undefined);
  const end = Date.now() + patience;
  const pidfile = join(folder, "pidfile");
  // Killed while it was being made: the runtime must be through before it can be taken away.
  while (conmon !== undefined && isAlive(conmon) && !existsSync(pidfile) && Date.now() < end) await sleep(20);
  const pid = Number(await readFile(pidfile, "latin1").catch(() => "0"));
  if (!existsSync(places.exit(id)) && (pid === 0 || runtime.waits(id))) {
    await takeAway(id, places, runtime, conmon === undefined ? [] : [conmon]);
    return undefined;
  }
  return { pid, conmon: conmon !== undefined && isAlive(conmon) ? conmon : undefined };
}

/** Ends a container and its monitors (its own, and those of its sessions), and removes what they left. */
export async function takeAway(
  id: string,
  places: Places,
  runtime: MonitoredRuntime,
  conmons: readonly ConmonProcess[],
): Promise<void> {
  await runtime.remove(id);
  await Promise.all(conmons.map((conmon) => endMonitor(conmon)));
  await runtime.remove(id);
  await Promise.all([
    rm(places.container(id), { recursive: true, force: true }),
    rm(places.exit(id), { force: true }),
  ]);
}

/** It ends by itself when its container has; a moment later it is killed. */
export async function endMonitor(
  conmon: Pick<ConmonProcess, "pid" | "startTime">,
  time = 2000,
): Promise<void> {
  const end = Date.now() + time;
  while (isAlive(conmon) && Date.now() < end) await sleep(5);
  if (!isAlive(conmon)) return;
  try {
    process.kill(conmon.pid, "SIGKILL");
  } catch {
    // Just gone.
  }
}
