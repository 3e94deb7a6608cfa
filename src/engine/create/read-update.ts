import type { HostConfig, Resources } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import type { RuntimeFacts } from "#core/engine/runtime.ts";
import { checkResources } from "./check-resources.ts";
import { jsonFields } from "./json-fields.ts";
import { readResources } from "./read-resources.ts";
import { readRestart } from "./read-restart.ts";

/** What a container can't change any more. */
const fixed: ReadonlySet<keyof Resources> = new Set([
  "CgroupParent",
  "Devices",
  "DeviceCgroupRules",
  "DeviceRequests",
  "OomKillDisable",
  "Ulimits",
]);

/**
 * `docker update`: `host` with what the body says; zero and null leave what is there. Docker Engine API
 * "ContainerUpdate". Throws engine-invalid and engine-conflict, in docker's words.
 */
export function readUpdate(
  body: Record<string, unknown>,
  host: HostConfig,
  facts: RuntimeFacts,
): { host: HostConfig; warnings: string[] } {
  const fields = jsonFields(body, "UpdateConfig");
  const read = readResources(fields);
  const { resources, warnings } = checkResources(read, facts, true);
  const changed = { ...host };
  if (fields.whole("PidsLimit") !== 0) changed.PidsLimit = resources.PidsLimit;
  if (resources.MemorySwappiness >= 0) changed.MemorySwappiness = resources.MemorySwappiness;
  for (const key of Object.keys(resources) as (keyof Resources)[]) {
    const value = resources[key];
    const unset = value === 0 || value === "" || (Array.isArray(value) && value.length === 0);
    if (fixed.has(key) || key === "PidsLimit" || key === "MemorySwappiness" || unset) continue;
    Object.assign(changed, { [key]: value });
  }
  refuseConflicts(host, resources);
  changed.RestartPolicy = readRestart(fields.object("RestartPolicy")) ?? host.RestartPolicy;
  return { host: changed, warnings };
}

function refuseConflicts(host: HostConfig, wanted: Resources): void {
  const conflict = (message: string) => new AppError("engine-conflict", message);
  if (wanted.Memory > host.MemorySwap && host.MemorySwap > 0 && wanted.MemorySwap === 0)
    throw conflict(
      "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
    );
  const memory = wanted.Memory || host.Memory;
  if (wanted.MemorySwap > 0 && memory === 0)
    throw conflict("You should always set the Memory limit when using Memoryswap limit, see usage");
  if (wanted.MemorySwap > 0 && wanted.MemorySwap < memory)
    throw conflict("Minimum memoryswap limit should be larger than memory limit, see usage");
  if (host.NanoCpus > 0 && wanted.CpuPeriod > 0)
    throw conflict("Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set");
  if (host.NanoCpus > 0 && wanted.CpuQuota > 0)
    throw conflict("Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set");
  if (wanted.NanoCpus > 0 && host.CpuPeriod > 0)
    throw conflict("Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set");
  if (wanted.NanoCpus > 0 && host.CpuQuota > 0)
    throw conflict("Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set");
}
