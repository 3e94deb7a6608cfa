import type { RuntimeLinux } from "#oci/runtime-spec.ts";
import type { SpecInput } from "./spec-input.ts";

type Namespaces = RuntimeLinux["namespaces"];

/** Those of its own, and those it shares with another container; the host's aren't named. */
export function namespacesOf(input: SpecInput): Namespaces {
  const { host } = input.record;
  const { network, ipc, pid, user } = input.shared;
  const shares = (mode: string) => mode.startsWith("container:");
  const joined = (type: Namespaces[number]["type"], mode: string, path: string | undefined): Namespaces =>
    mode === "host" ? [] : [shares(mode) && path !== undefined ? { type, path } : { type }];
  return [
    { type: "mount" },
    ...joined("network", host.NetworkMode, network),
    ...joined("uts", host.UTSMode, undefined),
    ...joined("pid", host.PidMode, pid),
    ...joined("ipc", host.IpcMode, ipc),
    ...joined("cgroup", host.CgroupnsMode, undefined),
    // Whoever shares another namespace with a container has to share the one that owns it.
    ...(isRemapped(input) ? [{ type: "user", ...(user !== undefined && { path: user }) } as const] : []),
  ];
}

/** Whether its users are others on the host. */
export function isRemapped({
  remap,
  record,
}: {
  remap?: SpecInput["remap"] | undefined;
  record: SpecInput["record"];
}): boolean {
  return remap !== undefined && record.host.UsernsMode !== "host" && !record.host.Privileged;
}
