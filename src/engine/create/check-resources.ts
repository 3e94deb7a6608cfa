import type { Resources } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import type { RuntimeFacts } from "#core/engine/runtime.ts";
import { checkCpuSets } from "./cpu-set.ts";
import { settleUlimits } from "./ulimits.ts";

const leastMemory = 6 * 1024 * 1024;
const nanoCpu = 1_000_000_000;
const shortestPeriod = 1000;
const longestPeriod = 1_000_000;

/**
 * dockerd's rules for limits: what can't be is engine-invalid with its words; what this machine can't hold to is taken
 * out, with a warning. @param update the rules of `update`, where a limit may already be set.
 */
export function checkResources(
  wanted: Resources,
  facts: RuntimeFacts,
  update = false,
): { resources: Resources; warnings: string[] } {
  const warnings: string[] = [];
  const resources = { ...wanted };
  checkMemory(resources, facts, warnings, update);
  checkCpu(resources, facts, warnings);
  checkBlockInput(resources, facts, warnings);
  if (resources.PidsLimit > 0 && !facts.controllers.has("pids")) {
    warnings.push(unable("pids limit capabilities", "PIDs limit discarded."));
    resources.PidsLimit = 0;
  }
  resources.Ulimits = settleUlimits(resources.Ulimits, facts, warnings);
  return { resources, warnings };
}

function checkMemory(resources: Resources, facts: RuntimeFacts, warnings: string[], update: boolean): void {
  const { Memory, MemorySwap, MemoryReservation, MemorySwappiness } = resources;
  if (Memory !== 0 && Memory < leastMemory) throw invalid("Minimum memory limit allowed is 6MB");
  if (Memory > 0 && MemorySwap > 0 && MemorySwap < Memory)
    throw invalid("Minimum memoryswap limit should be larger than memory limit, see usage");
  if (Memory === 0 && MemorySwap > 0 && !update)
    throw invalid("You should always set the Memory limit when using Memoryswap limit, see usage");
  if (MemorySwappiness < -1 || MemorySwappiness > 100)
    throw invalid(`Invalid value: ${MemorySwappiness}, valid memory swappiness range is 0-100`);
  if (MemoryReservation > 0 && MemoryReservation < leastMemory)
    throw invalid("Minimum memory reservation allowed is 6MB");
  if (Memory > 0 && MemoryReservation > 0 && Memory < MemoryReservation)
    throw invalid("Minimum memory limit can not be less than memory reservation limit, see usage");
  resources.MemoryReservation = Math.max(MemoryReservation, 0);

  if (!facts.controllers.has("memory")) {
    if (Memory > 0 || MemorySwap !== 0)
      warnings.push(unable("memory limit capabilities", "Limitation discarded."));
    if (MemoryReservation > 0)
      warnings.push(unable("memory soft limit capabilities", "Limitation discarded."));
    if (MemorySwappiness >= 0)
      warnings.push(unable("memory swappiness capabilities", "Memory swappiness discarded."));
    if (resources.OomKillDisable)
      warnings.push("Your kernel does not support OomKillDisable. OomKillDisable discarded.");
    Object.assign(resources, {
      Memory: 0,
      MemorySwap: 0,
      MemoryReservation: 0,
      MemorySwappiness: -1,
      OomKillDisable: false,
    });
    return;
  }
  if (Memory > 0 && MemorySwap !== -1 && !facts.swapAccounting) {
    warnings.push(
      "Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.",
    );
    resources.MemorySwap = -1;
  }
  if (MemorySwappiness >= 0 && facts.cgroup === 2) {
    warnings.push(unable("memory swappiness capabilities", "Memory swappiness discarded."));
    resources.MemorySwappiness = -1;
  }
  if (resources.OomKillDisable && facts.cgroup === 2) {
    warnings.push("Your kernel does not support OomKillDisable. OomKillDisable discarded.");
    resources.OomKillDisable = false;
  } else if (resources.OomKillDisable && Memory === 0)
    warnings.push(
      "OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.",
    );
}

function checkCpu(resources: Resources, facts: RuntimeFacts, warnings: string[]): void {
  const { NanoCpus, CpuPeriod, CpuQuota } = resources;
  if (NanoCpus !== 0 && CpuPeriod > 0)
    throw invalid("Conflicting options: Nano CPUs and CPU Period cannot both be set");
  if (NanoCpus !== 0 && CpuQuota > 0)
    throw invalid("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
  if (NanoCpus < 0 || NanoCpus > facts.cores * nanoCpu) {
    const most = facts.cores.toFixed(2);
    throw invalid(`Range of CPUs is from 0.01 to ${most}, as there are only ${facts.cores} CPUs available`);
  }
  if (CpuPeriod !== 0 && (CpuPeriod < shortestPeriod || CpuPeriod > longestPeriod))
    throw invalid("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
  if (CpuQuota > 0 && CpuQuota < shortestPeriod)
    throw invalid("CPU cfs quota can not be less than 1ms (i.e. 1000)");
  if (resources.CpuShares < 0)
    throw invalid(`invalid CPU shares (${resources.CpuShares}): value must be a positive integer`);
  const sets = checkCpuSets(resources, facts.cores);

  if (!facts.controllers.has("cpu")) {
    if (NanoCpus > 0)
      throw invalid(
        "NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup is not mounted",
      );
    if (resources.CpuShares > 0) warnings.push(unable("CPU shares", "Shares discarded."));
    if (CpuPeriod > 0 || CpuQuota > 0)
      warnings.push(unable("CPU CFS scheduler", "Period and quota discarded."));
    Object.assign(resources, { CpuShares: 0, CpuPeriod: 0, CpuQuota: 0 });
  }
  if (sets && !facts.controllers.has("cpuset")) {
    warnings.push(unable("cpuset", "CPUset discarded."));
    Object.assign(resources, { CpusetCpus: "", CpusetMems: "" });
  }
}

function checkBlockInput(resources: Resources, facts: RuntimeFacts, warnings: string[]): void {
  const { BlkioWeight, BlkioWeightDevice } = resources;
  if (!facts.blkioWeight) {
    if (BlkioWeight > 0) warnings.push(unable("Block I/O weight", "Weight discarded."));
    if (BlkioWeightDevice.length > 0)
      warnings.push(unable("Block I/O weight_device", "Weight-device discarded."));
    Object.assign(resources, { BlkioWeight: 0, BlkioWeightDevice: [] });
  } else if (BlkioWeight > 0 && (BlkioWeight < 10 || BlkioWeight > 1000))
    throw invalid("Range of blkio weight is from 10 to 1000");
  if (facts.controllers.has("blkio")) return;
  for (const [key, what] of [
    ["BlkioDeviceReadBps", "BPS Block I/O read limit"],
    ["BlkioDeviceWriteBps", "BPS Block I/O write limit"],
    ["BlkioDeviceReadIOps", "IOPS Block read limit"],
    ["BlkioDeviceWriteIOps", "IOPS Block write limit"],
  ] as const) {
    if (resources[key].length === 0) continue;
    warnings.push(unable(what, "Block I/O limit discarded."));
    resources[key] = [];
  }
}

function invalid(message: string): AppError {
  return new AppError("engine-invalid", message);
}

function unable(what: string, then: string): string {
  return `Your kernel does not support ${what} or the cgroup is not mounted. ${then}`;
}
