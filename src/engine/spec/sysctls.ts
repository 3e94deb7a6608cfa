import type { SpecInput } from "./spec-input.ts";
import { isRemapped } from "./namespaces.ts";

/** Docker's own: ping and low ports need no capability. */
const ofNetwork = {
  "net.ipv4.ip_unprivileged_port_start": "0",
  "net.ipv4.ping_group_range": "0 2147483647",
};

/** Settings of the container's own namespaces; never one of the host's (checked at create). */
export function sysctlsOf(input: SpecInput): Record<string, string> {
  const { config, host } = input.record;
  const ownNetwork = host.NetworkMode !== "host" && !host.NetworkMode.startsWith("container:");
  const standard = ownNetwork && !isRemapped(input) ? ofNetwork : {};
  const domain =
    config.Domainname !== "" && host.UTSMode !== "host" ? { "kernel.domainname": config.Domainname } : {};
  const asked = Object.fromEntries(
    Object.entries(host.Sysctls).map(([name, value]) => [name.replaceAll("/", "."), value]),
  );
  return { ...standard, ...domain, ...asked };
}
