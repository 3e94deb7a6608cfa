import type { ContainerRecord, Endpoint } from "#core/engine/container.ts";
import { nullWhenEmpty } from "./null-when-empty.ts";

/** Docker Engine API "EndpointSettings": what was asked for, and what it has while it runs. */
export function endpointView(
  record: ContainerRecord,
  network: string,
  endpoint: Endpoint,
  api: number,
): object {
  const { requested, now } = endpoint;
  return {
    IPAMConfig: ipam(requested),
    Links: nullWhenEmpty(requested.links),
    Aliases: nullWhenEmpty(aliases(record, network, endpoint, api)),
    MacAddress: now?.mac ?? requested.mac ?? "",
    DriverOpts: Object.keys(requested.driverOptions).length === 0 ? null : requested.driverOptions,
    NetworkID: endpoint.networkId,
    EndpointID: now?.endpointId ?? "",
    Gateway: now?.gateway4 ?? "",
    IPAddress: now?.ipv4 ?? "",
    IPPrefixLen: now?.prefix4 ?? 0,
    IPv6Gateway: now?.gateway6 ?? "",
    GlobalIPv6Address: now?.ipv6 ?? "",
    GlobalIPv6PrefixLen: now?.prefix6 ?? 0,
    ...(api >= 44 && { DNSNames: nullWhenEmpty(dnsNames(record, network, endpoint)) }),
  };
}

/** Of a network that a user made: only there names are answered. */
function isOwn(network: string): boolean {
  return network !== "bridge" && network !== "host" && network !== "none";
}

/** Until 1.44 the short id is one of them. */
function aliases(record: ContainerRecord, network: string, { requested }: Endpoint, api: number): string[] {
  const short = record.id.slice(0, 12);
  if (api > 44 || !isOwn(network) || requested.aliases.includes(short)) return requested.aliases;
  return [...requested.aliases, short];
}

function dnsNames(record: ContainerRecord, network: string, { requested }: Endpoint): string[] {
  if (!isOwn(network)) return [];
  const names = [record.name, ...requested.aliases, record.id.slice(0, 12), record.config.Hostname];
  return [...new Set(names.filter((name) => name !== ""))];
}

function ipam({ ipv4, ipv6, linkLocal }: Endpoint["requested"]): object | null {
  if (ipv4 === undefined && ipv6 === undefined && linkLocal === undefined) return null;
  return {
    ...(ipv4 !== undefined && { IPv4Address: ipv4 }),
    ...(ipv6 !== undefined && { IPv6Address: ipv6 }),
    ...(linkLocal !== undefined && { LinkLocalIPs: linkLocal }),
  };
}
