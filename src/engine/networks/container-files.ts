import type { ContainerRecord } from "#core/engine/container.ts";
import { parseIp } from "#kit/ip-address.ts";

const standardHosts = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::0\tip6-localnet",
  "ff00::0\tip6-mcastprefix",
  "ff02::1\tip6-allnodes",
  "ff02::2\tip6-allrouters",
];

/** /etc/hosts. @param links address and names. @param own the container's addresses. */
export function hostsFile(
  record: ContainerRecord,
  parts: {
    base: string | undefined;
    gateway: string;
    links: readonly [string, string][];
    own: readonly string[];
  },
): string {
  const lines = parts.base === undefined ? [...standardHosts] : [parts.base.replace(/\n+$/, "")];
  for (const extra of record.host.ExtraHosts) {
    const [, name = "", address = ""] = /^([^:=]*)[:=](.*)$/s.exec(extra) ?? [];
    const bare = address.replace(/^\[(.*)\]$/, "$1");
    if (name !== "" && !/\s/.test(extra))
      lines.push(`${bare === "host-gateway" ? parts.gateway : bare}\t${name}`);
  }
  for (const [address, names] of parts.links) lines.push(`${address}\t${names}`);
  const { Hostname: host, Domainname: domain } = record.config;
  for (const address of parts.own)
    lines.push(`${address}\t${domain === "" ? host : `${host}.${domain} ${host}`}`);
  return `${lines.join("\n")}\n`;
}

/**
 * /etc/resolv.conf: the host's, changed by what the container asks for.
 * @param server the engine's own name server for it; undefined: none.
 * @param dns name servers of containers that name none; empty: the host's.
 * @param always whether it is used whatever else there is (user-defined networks), or only where the host's can't be
 * reached from another network namespace.
 */
export function resolvConf(
  record: ContainerRecord,
  hostFile: string,
  server: string | undefined,
  always: boolean,
  dns: readonly string[] = [],
): string {
  const values = (key: string) =>
    hostFile.split("\n").flatMap((line) => {
      const [first, ...rest] = line.trim().split(/\s+/);
      return first === key ? [rest] : [];
    });
  const [Dns, DnsSearch, DnsOptions] = [
    serversOf(record, dns),
    record.host.DnsSearch,
    record.host.DnsOptions,
  ].map(
    // One word each: nothing else gets into the file's lines.
    (list) => list.filter((word) => /^\S+$/.test(word)),
  ) as [string[], string[], string[]];
  const isolated = record.host.NetworkMode !== "host";
  let servers = Dns.length > 0 ? Dns : values("nameserver").map(([address = ""]) => address);
  if (Dns.length === 0 && isolated) servers = servers.filter(reachable);
  if (server !== undefined && (always || servers.length === 0)) servers = [server];
  const search =
    DnsSearch.length > 0 ? DnsSearch.filter((one) => one !== ".") : (values("search").at(-1) ?? []);
  let options = DnsOptions.length > 0 ? DnsOptions : values("options").flat();
  // Names of containers have no dots; they are asked for as they are.
  if (always && !options.some((one) => one.startsWith("ndots:"))) options = [...options, "ndots:0"];
  return [
    ...servers.map((address) => `nameserver ${address}\n`),
    ...(search.length > 0 ? [`search ${search.join(" ")}\n`] : []),
    ...(options.length > 0 ? [`options ${options.join(" ")}\n`] : []),
  ].join("");
}

/** The container's own name servers, or those that the engine was told of. */
export function serversOf({ host }: ContainerRecord, dns: readonly string[]): readonly string[] {
  return host.Dns.length > 0 ? host.Dns : dns;
}

/** From another network namespace: neither loopback nor IPv6's link-local addresses. */
function reachable(address: string): boolean {
  const ip = parseIp(address);
  if (!ip) return false;
  return ip.version === 4 ? ip.value >> 24n !== 127n : ip.value !== 1n && ip.value >> 118n !== 0x3fan;
}
