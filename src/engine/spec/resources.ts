import type { HostConfig, ThrottleDevice } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import type { RuntimeFacts } from "#core/engine/runtime.ts";
import type { RuntimeResources, Throttle } from "#oci/runtime-spec.ts";
import type { DeviceAt } from "./spec-input.ts";

const period = 100_000;
const nanoCpu = 1_000_000_000;
/** As many processes as the kernel can have: runtimes don't all take "none". */
const allProcesses = 4_194_304;

/**
 * The limits of a container as runtimes take them, without its devices. Only what this machine has is named: runtimes
 * refuse the rest.
 * @param deviceAt for limits of disks; without it they are left as they are, and that there is no limit of processes
 * is written, too: for `update`.
 */
export function resourcesOf(
  host: HostConfig,
  facts: Pick<RuntimeFacts, "controllers" | "cgroup" | "swapAccounting" | "blkioWeight">,
  deviceAt?: DeviceAt,
): RuntimeResources {
  const resources: RuntimeResources = {};
  const memory = memoryOf(host, facts);
  if (facts.controllers.has("memory") && hasAny(memory)) resources.memory = memory;
  const cpu = cpuOf(host, facts);
  if (hasAny(cpu)) resources.cpu = cpu;
  if (facts.controllers.has("pids") && (host.PidsLimit > 0 || deviceAt === undefined))
    resources.pids = { limit: host.PidsLimit > 0 ? host.PidsLimit : allProcesses };
  const blockIO = blockOf(host, facts, deviceAt);
  if (hasAny(blockIO)) resources.blockIO = blockIO;
  return resources;
}

function memoryOf(
  host: HostConfig,
  { cgroup, swapAccounting }: Pick<RuntimeFacts, "cgroup" | "swapAccounting">,
): NonNullable<RuntimeResources["memory"]> {
  const { Memory, MemorySwap, MemoryReservation, MemorySwappiness } = host;
  return {
    ...(Memory > 0 && { limit: Memory }),
    ...(MemoryReservation > 0 && { reservation: MemoryReservation }),
    ...(swapAccounting && (MemorySwap > 0 || (MemorySwap === -1 && Memory > 0)) && { swap: MemorySwap }),
    ...(MemorySwappiness >= 0 && cgroup === 1 && { swappiness: MemorySwappiness }),
    ...(host.OomKillDisable && cgroup === 1 && { disableOOMKiller: true }),
  };
}

function cpuOf(
  host: HostConfig,
  { controllers }: Pick<RuntimeFacts, "controllers">,
): NonNullable<RuntimeResources["cpu"]> {
  const { CpuShares, NanoCpus, CpuPeriod, CpuQuota, CpuRealtimePeriod, CpuRealtimeRuntime } = host;
  const quota = NanoCpus > 0 ? Math.floor((NanoCpus / nanoCpu) * period) : CpuQuota;
  return {
    ...(controllers.has("cpu") && {
      ...(CpuShares > 0 && { shares: CpuShares }),
      ...(quota !== 0 && { quota }),
      ...(NanoCpus > 0 ? { period } : CpuPeriod > 0 && { period: CpuPeriod }),
      ...(CpuRealtimePeriod > 0 && { realtimePeriod: CpuRealtimePeriod }),
      ...(CpuRealtimeRuntime > 0 && { realtimeRuntime: CpuRealtimeRuntime }),
    }),
    ...(controllers.has("cpuset") && {
      ...(host.CpusetCpus !== "" && { cpus: host.CpusetCpus }),
      ...(host.CpusetMems !== "" && { mems: host.CpusetMems }),
    }),
  };
}

function blockOf(
  host: HostConfig,
  { controllers, blkioWeight }: Pick<RuntimeFacts, "controllers" | "blkioWeight">,
  deviceAt: DeviceAt | undefined,
): NonNullable<RuntimeResources["blockIO"]> {
  const weight = blkioWeight && host.BlkioWeight > 0 ? { weight: host.BlkioWeight } : {};
  if (deviceAt === undefined || !controllers.has("blkio")) return weight;
  const throttles = (devices: readonly ThrottleDevice[]): Throttle[] =>
    devices.map(({ Path, Rate }) => ({ ...numbersOf(Path, deviceAt), rate: Rate }));
  const lists = {
    throttleReadBpsDevice: throttles(host.BlkioDeviceReadBps),
    throttleWriteBpsDevice: throttles(host.BlkioDeviceWriteBps),
    throttleReadIOPSDevice: throttles(host.BlkioDeviceReadIOps),
    throttleWriteIOPSDevice: throttles(host.BlkioDeviceWriteIOps),
    weightDevice: blkioWeight
      ? host.BlkioWeightDevice.map(({ Path, Weight }) => ({ ...numbersOf(Path, deviceAt), weight: Weight }))
      : [],
  };
  return { ...weight, ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)) };
}

function numbersOf(path: string, deviceAt: DeviceAt): { major: number; minor: number } {
  const found = deviceAt(path);
  const [device] = typeof found === "string" ? [] : found;
  if (device === undefined)
    throw new AppError(
      "engine-invalid",
      found === "missing" ? `stat ${path}: no such file or directory` : `${path} is not a device node`,
    );
  return { major: device.major, minor: device.minor };
}

function hasAny(value: object): boolean {
  return Object.keys(value).length > 0;
}
