import type { ContainerConfig, HostConfig } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import type { RuntimeFacts } from "#core/engine/runtime.ts";
import { checkSysctls } from "./check-sysctls.ts";

/** What the client itself exposed, not its image. */
export interface WrittenNetwork {
  exposes: boolean;
  mac: boolean;
}

/**
 * Options that contradict each other or this machine. Throws engine-invalid, in docker's words. @returns warnings.
 * @param remapped the engine gives containers user ids of their own.
 */
export function checkHost(
  config: ContainerConfig,
  host: HostConfig,
  facts: RuntimeFacts,
  written: WrittenNetwork,
  remapped: boolean,
): string[] {
  const warnings: string[] = [];
  const hostNetwork = host.NetworkMode === "host";
  checkModes(host);
  if (host.UTSMode === "host" && config.Hostname !== "") throw conflict("hostname and the UTS mode");
  if (host.NetworkMode.startsWith("container:")) checkJoined(config, host, written);
  if (hostNetwork && host.Links.length > 0)
    throw conflict("host type networking can't be used with links. This would result in undefined behavior");
  if (hostNetwork && Object.keys(host.PortBindings).length > 0)
    warnings.push("Published ports are discarded when using host network mode");
  if (host.AutoRemove && host.RestartPolicy.Name !== "no")
    throw invalid("can't create 'AutoRemove' container with restart policy");
  if (host.OomScoreAdj < -1000 || host.OomScoreAdj > 1000)
    throw invalid(`Invalid value ${host.OomScoreAdj}, range for oom score adj is [-1000, 1000]`);
  if (host.OomScoreAdj < 0 && !facts.lowerOomScore)
    throw invalid(
      `Invalid value ${host.OomScoreAdj}: the engine may not lower the oom score on this machine`,
    );
  if (host.ShmSize < 0) throw invalid("SHM size can not be less than 0");
  if (!["", facts.name, "runc", "crun", "io.containerd.runc.v2"].includes(host.Runtime))
    throw invalid(`Unknown runtime specified ${host.Runtime}`);
  if (!["", "default"].includes(host.Isolation))
    throw invalid(`Invalid isolation: ${JSON.stringify(host.Isolation)} - linux only supports 'default'`);
  const [storage] = Object.keys(host.StorageOpt);
  if (storage === "size") throw invalid("--storage-opt size is not supported: the engine sets no quotas");
  if (storage !== undefined) throw invalid(`Storage opt ${storage} not supported`);
  if (host.Init === true && facts.init === undefined)
    throw invalid("no static init program is installed for --init: install tini (tini-static) or catatonit");
  checkSysctls(host);
  if (remapped && host.UsernsMode !== "host") refuseRemapped(host);
  for (const name of host.CapAdd)
    if (name !== "ALL" && !facts.capabilities.includes(name))
      warnings.push(`The engine may not give ${name} on this machine: the container doesn't get it.`);
  return warnings;
}

/** It lives in another container's network, which has all of this already. */
function checkJoined(config: ContainerConfig, host: HostConfig, written: WrittenNetwork): void {
  if (host.NetworkMode === "container:")
    throw invalid("Invalid network mode: invalid container format container:<name|id>");
  if (config.Hostname !== "") throw conflict("hostname and the network mode");
  if (host.Links.length > 0)
    throw conflict(
      "container type network can't be used with links. This would result in undefined behavior",
    );
  if (host.Dns.length > 0) throw conflict("dns and the network mode");
  if (host.ExtraHosts.length > 0) throw conflict("custom host-to-IP mapping and the network mode");
  if (written.mac) throw conflict("mac-address and the network mode");
  if (Object.keys(host.PortBindings).length > 0 || host.PublishAllPorts)
    throw conflict("port publishing and the container type network mode");
  if (written.exposes) throw conflict("port exposing and the container type network mode");
}

function checkModes(host: HostConfig): void {
  const other = /^container:.+/s;
  if (!["private", "shareable", "host", "none"].includes(host.IpcMode) && !other.test(host.IpcMode))
    throw invalid(`invalid IPC mode: ${host.IpcMode}`);
  if (!["", "host"].includes(host.PidMode) && !other.test(host.PidMode))
    throw invalid(`invalid PID mode: ${host.PidMode}`);
  if (!["", "host"].includes(host.UTSMode)) throw invalid(`invalid UTS mode: ${host.UTSMode}`);
  if (!["", "host", "private"].includes(host.UsernsMode))
    throw invalid(`invalid userns mode: ${host.UsernsMode}`);
  if (!["host", "private"].includes(host.CgroupnsMode))
    throw invalid(`invalid cgroup namespace mode: ${host.CgroupnsMode}`);
}

function refuseRemapped(host: HostConfig): void {
  if (host.Privileged)
    throw invalid(
      "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode",
    );
  if (host.NetworkMode === "host")
    throw invalid("cannot share the host's network namespace when user namespaces are enabled");
  if (host.PidMode === "host")
    throw invalid("cannot share the host PID namespace when user namespaces are enabled");
}

function invalid(message: string): AppError {
  return new AppError("engine-invalid", message);
}

function conflict(what: string): AppError {
  return invalid(`conflicting options: ${what}`);
}
