import { readdirSync, readFileSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { OwnHost } from "../../engine/harness/own-host.ts";
import { isAlive, processTree } from "../process-tree.ts";
import { processesOn } from "./host-processes.ts";

const cgroups = "/sys/fs/cgroup";
const limit = 5_000;

/** Ends what an engine that broke left on its host: processes, containers' too (children of what is), and cgroups. */
export async function endHost(host: OwnHost): Promise<void> {
  const left = processesOn(host).flatMap(processTree);
  const groups = new Set(left.flatMap(({ pid }) => cgroupsOf(pid)));
  for (const { pid } of left) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended just now.
    }
  }
  const deadline = performance.now() + limit;
  while (left.some(isAlive) && performance.now() < deadline) await delay(10);
  for (const group of groups) {
    for (const folder of [cgroups, ...readdirSync(cgroups).map((name) => join(cgroups, name))]) {
      removeCgroup(join(folder, group));
      // Berth's are below one of the engine's own; dockerd's may be another dockerd's too.
      if (/\/berth-[a-z0-9]+$/.test(dirname(group))) removeCgroup(join(folder, dirname(group)));
    }
  }
}

/** Of a container, which is named for its id. */
function cgroupsOf(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/cgroup`, "latin1");
    return [...text.matchAll(/^\d+:[^:]*:(\/.*\/[0-9a-f]{64})$/gm)].map(([, path]) => path ?? "");
  } catch {
    // It ended just now.
    return [];
  }
}

function removeCgroup(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It isn't there, or another's is below it.
  }
}
