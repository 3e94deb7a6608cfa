import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rmdir } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { allCapabilities } from "#oci/capability-names.ts";
import type { RuntimeFacts } from "#core/engine/runtime.ts";
import { readControl } from "./cgroup-files.ts";

const cgroups = "/sys/fs/cgroup";
const inits = ["/usr/bin/tini-static", "/usr/bin/catatonit", "/usr/libexec/podman/catatonit"];
const limitNames: Readonly<Record<string, string>> = {
  "Max cpu time": "cpu",
  "Max file size": "fsize",
  "Max data size": "data",
  "Max stack size": "stack",
  "Max core file size": "core",
  "Max resident set": "rss",
  "Max processes": "nproc",
  "Max open files": "nofile",
  "Max locked memory": "memlock",
  "Max address space": "as",
  "Max file locks": "locks",
  "Max pending signals": "sigpending",
  "Max msgqueue size": "msgqueue",
  "Max nice priority": "nice",
  "Max realtime priority": "rtprio",
  "Max realtime timeout": "rttime",
};
const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", arm64: "arm64" };
const sysResource = 24;

/** What holds whichever runtime is taken. */
export async function lookAtMachine(): Promise<Omit<RuntimeFacts, "name" | "version" | "program" | "root">> {
  const cgroup = cgroupVersion();
  const status = readFileSync("/proc/self/status", "latin1");
  const mask = (name: string) =>
    BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1] ?? "0"}`);
  const has = (set: bigint, bit: number) => ((set >> BigInt(bit)) & 1n) === 1n;
  const bounding = mask("CapBnd");
  const unlimited = has(mask("CapEff"), sysResource);
  const controllers = usableControllers(cgroup);
  return {
    cgroup,
    capabilities: allCapabilities.filter((_, bit) => has(bounding, bit)),
    hardLimits: unlimited ? undefined : hardLimits(readFileSync("/proc/self/limits", "latin1")),
    appArmor: readIfThere("/sys/module/apparmor/parameters/enabled").startsWith("Y"),
    lowerOomScore: unlimited,
    cores: availableParallelism(),
    memory: totalmem(),
    swapAccounting: cgroup === 2 || existsSync(join(cgroups, "memory", "memory.memsw.limit_in_bytes")),
    architecture: architectures[process.arch] ?? process.arch,
    init: inits.find((path) => existsSync(path)),
    controllers,
    blkioWeight: controllers.has("blkio") && (await takesWeight(cgroup)),
  };
}

export function cgroupVersion(): 1 | 2 {
  return existsSync(join(cgroups, "cgroup.controllers")) ? 2 : 1;
}

function usableControllers(version: 1 | 2): ReadonlySet<string> {
  if (version === 2) {
    const names = readIfThere(join(cgroups, "cgroup.controllers")).trim().split(" ");
    return new Set(names.map((name) => (name === "io" ? "blkio" : name)));
  }
  const names = ["memory", "cpu", "cpuset", "pids", "blkio", "hugetlb"];
  return new Set(names.filter((name) => existsSync(join(cgroups, name, "cgroup.procs"))));
}

/** "unlimited" is no bound. proc_pid_limits(5) */
function hardLimits(text: string): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const line of text.split("\n").slice(1)) {
    const [, title = "", hard = ""] = /^(.*?)\s{2,}\S+\s+(\S+)/.exec(line) ?? [];
    const name = limitNames[title];
    if (name !== undefined && /^\d+$/.test(hard)) limits[name] = Number(hard);
  }
  return limits;
}

/** Only a cgroup that isn't the root shows it. */
async function takesWeight(version: 1 | 2): Promise<boolean> {
  const parent = version === 2 ? cgroups : join(cgroups, "blkio");
  try {
    const folder = await mkdtemp(join(parent, "berth-look-"));
    try {
      const file = version === 2 ? "io.weight" : "blkio.weight";
      return (await readControl(folder, file)) !== undefined;
    } finally {
      await rmdir(folder);
    }
  } catch {
    return false;
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
