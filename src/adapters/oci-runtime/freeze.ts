import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#core/errors.ts";
import { readControl, readFlat, writeControl } from "./cgroup-files.ts";
import type { RuntimeState } from "./runtime-state.ts";

/** How long all processes may take to stand still, ms: one that waits for a dead network disk doesn't freeze. */
const patience = 10_000;

/** Freezes all of a container's processes, through its cgroup: crun and runc do no more. Resolves when they stand. */
export async function freeze(state: RuntimeState, version: 1 | 2, id: string): Promise<void> {
  const folder = state.cgroup("freezer");
  await set(folder, version, true).catch((error: unknown) => {
    throw new AppError("engine-failed", `Cannot pause container ${id}: its cgroup can't be frozen`, {
      cause: error,
    });
  });
  const end = Date.now() + patience;
  for (let wait = 1; !(await frozen(folder, version)); wait = Math.min(wait * 2, 50)) {
    if (Date.now() > end) {
      await set(folder, version, false);
      throw new AppError("engine-failed", `Cannot pause container ${id}: its processes don't stand still`);
    }
    await sleep(wait);
    // v1: processes that were forked meanwhile are frozen by writing it again.
    if (version === 1) await set(folder, version, true);
  }
}

export async function thaw(state: RuntimeState, version: 1 | 2): Promise<void> {
  await set(state.cgroup("freezer"), version, false);
}

/** Whether it stands still, or is on its way. */
export async function isFrozen(state: RuntimeState, version: 1 | 2): Promise<boolean> {
  const folder = state.cgroup("freezer");
  if (version === 2) return (await readControl(folder, "cgroup.freeze")) === "1";
  const now = await readControl(folder, "freezer.state");
  return now === "FROZEN" || now === "FREEZING";
}

async function set(folder: string, version: 1 | 2, on: boolean): Promise<void> {
  if (version === 2) await writeControl(folder, "cgroup.freeze", on ? "1" : "0");
  else await writeControl(folder, "freezer.state", on ? "FROZEN" : "THAWED");
}

async function frozen(folder: string, version: 1 | 2): Promise<boolean> {
  if (version === 2) return (await readFlat(folder, "cgroup.events")).frozen === 1;
  return (await readControl(folder, "freezer.state")) === "FROZEN";
}
