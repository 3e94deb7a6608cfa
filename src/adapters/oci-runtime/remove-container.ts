import { existsSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import { runProgram } from "#kit/run-program.ts";
import { foldersIn } from "./cgroup-files.ts";
import { readRuntimeState } from "./runtime-state.ts";
import { sendSignal } from "./send-signal.ts";

const patience = 30_000;
const signalKill = 9;

/** Ends what runs of a container and takes away its state and cgroups. One that isn't there is fine. */
export async function removeContainer(
  program: string,
  root: string,
  version: 1 | 2,
  id: string,
): Promise<void> {
  const folder = join(root, id);
  if (!existsSync(folder)) return;
  const state = await readRuntimeState(root, version, id);
  const { stderr } = await runProgram(program, ["--root", root, "delete", "--force", id], {
    timeout: patience,
  });
  if (!existsSync(folder)) return;
  // It was killed while it made this one, and its state is unreadable: by hand, then.
  if (state !== undefined) {
    await sendSignal(state, version, signalKill, true);
    for (const cgroup of cgroupsOf(version)) await removeCgroup(state.cgroup(cgroup));
  }
  if (state?.alive() === true)
    throw new AppError("engine-failed", `container ${id} can't be removed: ${stderr.trim()}`);
  await rm(folder, { recursive: true, force: true });
}

/** Removes a cgroup and those below it; one with processes stays. */
export async function removeCgroup(folder: string): Promise<void> {
  for (const below of await foldersIn(folder)) await removeCgroup(join(folder, below));
  await rmdir(folder).catch(() => undefined);
}

/** Hierarchies that a container has a cgroup in. */
export function cgroupsOf(version: 1 | 2): readonly string[] {
  return version === 2
    ? [""]
    : [
        "memory",
        "cpu",
        "cpuacct",
        "cpuset",
        "pids",
        "blkio",
        "freezer",
        "devices",
        "hugetlb",
        "systemd",
        "unified",
      ];
}
