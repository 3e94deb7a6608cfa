import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { foldersIn } from "./cgroup-files.ts";
import { cgroupsOf, removeCgroup } from "./remove-container.ts";

const containerId = /^[0-9a-f]{64}$/;

/** Removes cgroups below `parent` that are named after containers nobody knows, in every hierarchy; those with processes stay. */
export async function sweepCgroups(
  version: 1 | 2,
  parent: string,
  known: ReadonlySet<string>,
): Promise<void> {
  for (const controller of cgroupsOf(version)) {
    const folder = join("/sys/fs/cgroup", controller, parent);
    for (const name of await foldersIn(folder))
      if (containerId.test(name) && !known.has(name)) await removeCgroup(join(folder, name));
  }
}

/** The folder of them all, where nothing is in it any more. */
export async function removeParent(version: 1 | 2, parent: string): Promise<void> {
  for (const controller of cgroupsOf(version))
    await rmdir(join("/sys/fs/cgroup", controller, parent)).catch(() => undefined);
}
