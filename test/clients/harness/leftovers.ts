import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";

/**
 * What a test process must take along when it ends, however it ends: daemons, mounts, folders.
 * Tests end these themselves; this is the net below, for a failed or interrupted run.
 */
const pids = new Set<number>();
const folders = new Set<string>();

export const leftovers = { pids, folders };

process.once("exit", () => {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }
  for (const folder of folders) removeFolder(folder);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => process.exit(1));
}

/** Unmounts everything below a folder, the deepest first, and removes it. */
export function removeFolder(folder: string): void {
  for (const mount of mountsBelow(folder)) execFileSync("umount", ["--lazy", mount], { stdio: "ignore" });
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  folders.delete(folder);
}

function mountsBelow(folder: string): string[] {
  return readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((point) => point.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length);
}
