import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "#kit/run-program.ts";

const cgroups = "/sys/fs/cgroup";

/**
 * crun refuses a host with cgroup v1 while v2's hierarchy holds a controller, too (some init left `hugetlb` there).
 * Mounting it as v1 takes it from there, and changes nothing for anybody.
 * @returns names of the controllers that were mounted; throws with mount's words
 */
export async function giveControllersToV1(): Promise<string[]> {
  const left = await readFile(join(cgroups, "unified", "cgroup.controllers"), "latin1").catch(() => "");
  const mounted: string[] = [];
  for (const name of left.trim().split(" ")) {
    const folder = join(cgroups, name);
    if (!/^[a-z_]+$/.test(name) || existsSync(join(folder, "cgroup.procs"))) continue;
    await mkdir(folder, { recursive: true });
    const { code, stderr } = await runProgram("mount", ["-t", "cgroup", "-o", name, "cgroup", folder]);
    if (code !== 0) throw new Error(stderr.trim());
    mounted.push(name);
  }
  return mounted;
}
