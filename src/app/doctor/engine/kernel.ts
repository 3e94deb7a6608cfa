import { access, readFile, readdir } from "node:fs/promises";
import type { EngineConfig } from "#config/config.ts";
import { liesOnOverlayfs } from "../../engine/lies-on-overlayfs.ts";
import type { Finding } from "../finding.ts";
import { findProgram } from "#kit/find-program.ts";

const cgroups = "/sys/fs/cgroup";
const wanted = ["cpu", "memory", "pids"];

/** What the kernel has to have: overlayfs under the engine's folder, and control groups. */
export async function kernelFindings(config: EngineConfig): Promise<Finding[]> {
  return [await overlay(config.data), await controllers(), ...(await hybrid(config))];
}

async function overlay(folder: string): Promise<Finding> {
  const name = "overlayfs";
  const known = (await textOf("/proc/filesystems")).split("\n").some((line) => line.endsWith("\toverlay"));
  if (!known)
    return { name, state: "missing", message: "this kernel has none loaded", cure: "modprobe overlay" };
  if (await liesOnOverlayfs(folder))
    return {
      name,
      state: "missing",
      message: `${folder} lies on an overlayfs itself (a container's own files), where none can be mounted`,
      cure: "engine.data: a folder of a disk or volume",
    };
  return { name, state: "fine", message: `the kernel has it, and ${folder} can hold it` };
}

async function controllers(): Promise<Finding> {
  const name = "control groups";
  const unified = (await textOf(`${cgroups}/cgroup.controllers`)).trim();
  const version = unified === "" ? 1 : 2;
  const have = version === 2 ? unified.split(" ") : await readdir(cgroups).catch(() => []);
  const missing = wanted.filter((controller) => !have.includes(controller));
  if (missing.length === 0)
    return { name, state: "fine", message: `version ${version}: ${wanted.join(", ")}` };
  if (have.length === 0)
    return {
      name,
      state: "missing",
      message: `nothing is mounted at ${cgroups}`,
      cure: `mount -t cgroup2 cgroup2 ${cgroups}`,
    };
  return {
    name,
    state: "poor",
    message: `version ${version} without ${missing.join(", ")}: such limits of containers don't hold`,
    cure: "add cgroup_enable=memory swapaccount=1 to the kernel's command line, and start the machine again",
  };
}

/** crun refuses a machine whose controllers are partly in version 1 and partly in 2. */
async function hybrid({ runtime }: EngineConfig): Promise<Finding[]> {
  const left = (await textOf(`${cgroups}/unified/cgroup.controllers`)).trim().split(" ")[0] ?? "";
  const crunAlone = runtime === "crun" || (runtime === "auto" && findProgram("runc") === undefined);
  if (left === "" || runtime === "runc") return [];
  return [
    {
      name: "control groups of crun",
      state: crunAlone ? "missing" : "poor",
      message: `versions 1 and 2 are both in use (${left}), which crun refuses`,
      cure: `mkdir -p ${cgroups}/${left} && mount -t cgroup -o ${left} cgroup ${cgroups}/${left}`,
    },
  ];
}

async function textOf(path: string): Promise<string> {
  try {
    await access(path);
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
