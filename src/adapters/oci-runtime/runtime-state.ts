import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import { startTime } from "#kit/process-start.ts";

/** What the runtime noted of a container when it made it. */
export interface RuntimeState {
  pid: number;
  /** Clock ticks since boot, tells it from a later process of the same pid. */
  startTime: number;
  /** Its folder among those of one controller (v1), or the one folder (v2; controller doesn't matter). */
  cgroup(controller: string): string;
  /** Whether its first process is still there. */
  alive(): boolean;
}

const cgroups = "/sys/fs/cgroup";

/** Reads what crun (`status`) or runc (`state.json`) keeps in its root. Undefined: it has no such container. */
export async function readRuntimeState(
  root: string,
  version: 1 | 2,
  id: string,
): Promise<RuntimeState | undefined> {
  const text =
    (await readIfThere(join(root, id, "status"))) ?? (await readIfThere(join(root, id, "state.json")));
  if (text === undefined) return undefined;
  let kept: Partial<CrunStatus & RuncState>;
  try {
    kept = JSON.parse(text) as Partial<CrunStatus & RuncState>;
  } catch {
    // Killed while it wrote: what is made like that never ran.
    return undefined;
  }
  const pid = kept.pid ?? kept.init_process_pid ?? 0;
  const started = kept["process-start-time"] ?? kept.init_process_start ?? 0;
  const path = kept["cgroup-path"] ?? "";
  const paths = kept.cgroup_paths;
  return {
    pid,
    startTime: started,
    cgroup: (controller) => {
      if (paths !== undefined) return paths[version === 2 ? "" : controller] ?? "";
      return version === 2 ? join(cgroups, path) : join(cgroups, controller, path);
    },
    alive: () => pid > 0 && startTime(pid) === started,
  };
}

/** The same for one that must be there. Throws engine-conflict. */
export async function runningState(root: string, version: 1 | 2, id: string): Promise<RuntimeState> {
  const state = await readRuntimeState(root, version, id);
  if (state?.alive() !== true) throw new AppError("engine-conflict", `Container ${id} is not running`);
  return state;
}

interface CrunStatus {
  pid: number;
  "process-start-time": number;
  "cgroup-path": string;
}

interface RuncState {
  init_process_pid: number;
  init_process_start: number;
  cgroup_paths: Record<string, string>;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
