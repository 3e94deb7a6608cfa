import { setTimeout as sleep } from "node:timers/promises";
import { membersOf } from "./cgroup-files.ts";
import { isFrozen, thaw } from "./freeze.ts";
import type { RuntimeState } from "./runtime-state.ts";

const signalKill = 9;
/** A process that forks as fast as it can is caught within some rounds, as its limit of pids fills up. */
const mostRounds = 50;

/** @param all every process of its cgroup; for KILL until none is left. What is gone is fine. */
export async function sendSignal(
  state: RuntimeState,
  version: 1 | 2,
  signal: number,
  all: boolean,
): Promise<void> {
  if (state.alive()) sendTo(state.pid, signal);
  if (all) await sendToAll(state, version, signal);
  // On v1 the frozen don't even die.
  if (signal === signalKill && version === 1 && (await isFrozen(state, version)))
    await thaw(state, version).catch(() => undefined);
}

async function sendToAll(state: RuntimeState, version: 1 | 2, signal: number): Promise<void> {
  const folder = state.cgroup("pids");
  for (let round = 0; round < mostRounds; round++) {
    const pids = (await membersOf(folder)).filter((pid) => pid !== state.pid);
    for (const pid of pids) sendTo(pid, signal);
    if (signal !== signalKill || pids.length === 0) return;
    if (version === 1 && (await isFrozen(state, version))) await thaw(state, version).catch(() => undefined);
    await sleep(1);
  }
}

function sendTo(pid: number, signal: number): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
