import type { ContainerRecord, Endpoint } from "#core/engine/container.ts";
import type { NetworkRecord } from "#core/engine/network.ts";
import { AppError } from "#core/errors.ts";
import type { NetworkView } from "./network-view.ts";

/** The networks in memory, and which running containers are in them. */
export function createNetworkBook() {
  const networks = new Map<string, NetworkRecord>();
  /** Network's id → container's id → its record. */
  const active = new Map<string, Map<string, ContainerRecord>>();

  const named = (name: string) => [...networks.values()].find((network) => network.name === name);
  const members = (id: string) => active.get(id) ?? new Map<string, ContainerRecord>();

  /** By id, name, or the unique beginning of an id. */
  function look(ref: string): NetworkRecord | undefined {
    const exact = networks.get(ref) ?? named(ref);
    if (exact || !/^[0-9a-f]+$/.test(ref)) return exact;
    const matching = [...networks.values()].filter(({ id }) => id.startsWith(ref));
    if (matching.length > 1)
      throw new AppError(
        "engine-invalid",
        `network ${ref} is ambiguous (${matching.length} matches found on ID prefix)`,
      );
    return matching[0];
  }

  return {
    all: () => [...networks.values()],
    named,
    look,
    find(ref: string): NetworkRecord {
      const network = look(ref);
      if (!network) throw new AppError("engine-missing", `network ${ref} not found`, { subject: ref });
      return network;
    },
    add: (network: NetworkRecord) => void networks.set(network.id, network),
    remove: (network: NetworkRecord) => void networks.delete(network.id),
    enter(network: NetworkRecord, record: ContainerRecord): void {
      active.set(network.id, members(network.id).set(record.id, record));
    },
    leave(networkId: string, container: string): void {
      const all = members(networkId);
      all.delete(container);
      if (all.size === 0) active.delete(networkId);
    },
    /** Running containers in it. */
    inside: (network: NetworkRecord): ContainerRecord[] => [...members(network.id).values()],
    view(network: NetworkRecord): NetworkView {
      const containers: NetworkView["containers"] = {};
      for (const record of members(network.id).values()) {
        const now = endpointIn(record, network)?.now;
        if (!now) continue;
        containers[record.id] = {
          name: record.name,
          endpointId: now.endpointId,
          mac: now.mac,
          ipv4: now.ipv4 === "" ? "" : `${now.ipv4}/${now.prefix4}`,
          ipv6: now.ipv6 === "" ? "" : `${now.ipv6}/${now.prefix6}`,
        };
      }
      return { network, containers };
    },
  };
}

export type NetworkBook = ReturnType<typeof createNetworkBook>;

export function endpointIn(record: ContainerRecord, network: NetworkRecord): Endpoint | undefined {
  return Object.hasOwn(record.endpoints, network.name) ? record.endpoints[network.name] : undefined;
}
