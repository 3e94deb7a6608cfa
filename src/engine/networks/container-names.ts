import type { ContainerRecord, Endpoint } from "#core/engine/container.ts";
import type { NetworkRecord } from "#core/engine/network.ts";
import type { NamedAddress, NameOptions } from "#core/engine/networking.ts";
import type { ContainerLookup } from "../container-lookup.ts";
import { parseLink } from "./links.ts";

/** What a container is called in a user-defined network: the first one is its own name. */
export function containerNames(record: ContainerRecord, { requested, now }: Endpoint): NamedAddress[] {
  const { ipv4 = "", ipv6 = "" } = now ?? {};
  const names = [record.name, ...requested.aliases, record.id.slice(0, 12), record.config.Hostname];
  return [...new Set(names.filter((name) => name !== ""))].map((name) => ({ name, ipv4, ipv6 }));
}

export function nameOptions(
  record: ContainerRecord,
  network: NetworkRecord,
  endpoint: Endpoint,
  containers: ContainerLookup,
): NameOptions {
  const links: Record<string, string> = {};
  const all = network.name === record.host.NetworkMode ? record.host.Links : [];
  for (const text of [...all, ...endpoint.requested.links]) {
    const { target, alias } = parseLink(text);
    // Whoever was named by an id is called by its name.
    const other = containers.all().find(({ id }) => target.length >= 12 && id.startsWith(target));
    links[alias.toLowerCase()] = other?.name ?? target;
  }
  return { links, ...(record.host.Dns.length > 0 ? { nameservers: record.host.Dns } : {}) };
}
