import type { RuntimeSpec } from "#oci/runtime-spec.ts";
import { capabilitySet } from "../capabilities.ts";
import { buildProcess } from "./build-process.ts";
import { devicesOf } from "./devices.ts";
import { initCommand, mountsOf, rootPropagation } from "./mounts.ts";
import { isRemapped, namespacesOf } from "./namespaces.ts";
import { resourcesOf } from "./resources.ts";
import { rlimitsOf } from "./rlimits.ts";
import { runtimeSeccomp } from "./seccomp-format.ts";
import { defaultSeccompProfile } from "./seccomp-profile.ts";
import { readSecurityOptions } from "./security-options.ts";
import type { SpecInput } from "./spec-input.ts";
import { sysctlsOf } from "./sysctls.ts";

/**
 * What the runtime is told of a container: dockerd's own config.json is the measure, within what this machine can do.
 * Pure. Throws engine-invalid for devices that aren't there.
 */
export function buildSpec(input: SpecInput): RuntimeSpec {
  const { record, facts, rootfs, user } = input;
  const { id, config, host, path, args } = record;
  const command = [...(host.Init === true && facts.init !== undefined ? initCommand : []), path, ...args];
  const [rows, columns] = host.ConsoleSize;
  const process = buildProcess({
    record,
    facts,
    user,
    args: command,
    tty: config.Tty,
    privileged: host.Privileged,
    ...(rows > 0 && columns > 0 && { size: { rows, columns } }),
  });
  process.oomScoreAdj = host.OomScoreAdj;
  if (host.Ulimits.length > 0) process.rlimits = rlimitsOf(host.Ulimits);
  const devices = devicesOf(host, input.deviceAt, input.hostDevices ?? []);
  const sysctl = sysctlsOf(input);
  const propagation = rootPropagation(record.mounts);
  const seccomp = seccompOf(input);
  const parent = (host.CgroupParent || input.cgroupParent).replace(/^\/*/, "/").replace(/\/+$/, "");
  return {
    ociVersion: "1.0.2",
    ...(host.UTSMode !== "host" && { hostname: config.Hostname }),
    process,
    root: { path: rootfs, readonly: host.ReadonlyRootfs },
    mounts: mountsOf(input),
    ...(host.Annotations && { annotations: host.Annotations }),
    linux: {
      namespaces: namespacesOf(input),
      ...(input.remap &&
        isRemapped(input) && { uidMappings: input.remap.uids, gidMappings: input.remap.gids }),
      ...(devices.nodes.length > 0 && { devices: devices.nodes }),
      cgroupsPath: `${parent}/${id}`,
      resources: { devices: devices.rules, ...resourcesOf(host, facts, input.deviceAt) },
      ...(Object.keys(sysctl).length > 0 && { sysctl }),
      ...(seccomp && { seccomp }),
      ...(!host.Privileged && { maskedPaths: host.MaskedPaths, readonlyPaths: host.ReadonlyPaths }),
      ...(propagation !== undefined && { rootfsPropagation: propagation }),
    },
  };
}

function seccompOf({ record, facts, kernel }: SpecInput): RuntimeSpec["linux"]["seccomp"] {
  const { host } = record;
  const { seccomp } = readSecurityOptions(host.SecurityOpt);
  if (seccomp === "unconfined" || (host.Privileged && seccomp === "default")) return undefined;
  const { Privileged: privileged, CapAdd: add, CapDrop: drop } = host;
  const capabilities = capabilitySet({ privileged, add, drop, possible: facts.capabilities });
  return runtimeSeccomp(seccomp === "default" ? defaultSeccompProfile : seccomp, {
    capabilities,
    architecture: facts.architecture,
    kernel,
  });
}
