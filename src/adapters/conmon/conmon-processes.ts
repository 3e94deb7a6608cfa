import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { startTime } from "#kit/process-start.ts";

/** A conmon that watches something of ours. */
export interface ConmonProcess {
  pid: number;
  startTime: number;
  container: string;
  /** Of the exec session; undefined: it watches the container itself. */
  exec: string | undefined;
}

/**
 * All conmons that work with the runtime's `root`, by their command lines: true also where the engine was killed before
 * it could note a pid, and a pid that is somebody else's by now isn't taken for ours.
 */
export function conmonProcesses(root: string): ConmonProcess[] {
  const found: ConmonProcess[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const words = commandLine(name);
    if (basename(words[0] ?? "") !== "conmon" || !words.includes(`--root=${root}`)) continue;
    const after = (flag: string) => words[words.indexOf(flag) + 1] ?? "";
    const pid = Number(name);
    const started = startTime(pid);
    if (started === undefined) continue;
    const exec = words.includes("-e") ? after("-u") : undefined;
    found.push({ pid, startTime: started, container: after("-c"), exec });
  }
  return found;
}

export function isAlive({ pid, startTime: started }: Pick<ConmonProcess, "pid" | "startTime">): boolean {
  return startTime(pid) === started;
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}
