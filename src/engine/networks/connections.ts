import type { ContainerRecord, Endpoint, EndpointNow, PublishedPort } from "#core/engine/container.ts";
import type { NetworkRecord } from "#core/engine/network.ts";
import { AppError } from "#core/errors.ts";
import type { AddressBook } from "./address-book.ts";
import { containerNames, nameOptions } from "./container-names.ts";
import { takeEndpoint } from "./endpoint-now.ts";
import type { NetworkBook } from "./network-book.ts";
import { isUserDefined } from "./network-mode.ts";
import type { NetworkParts } from "./network-parts.ts";
import type { RaisedNetworks } from "./raised-networks.ts";
import { wantedPorts } from "./wanted-ports.ts";

export interface ConnectionParts extends NetworkParts {
  book: NetworkBook;
  addresses: AddressBook;
  raised: RaisedNetworks;
}

export interface Connected {
  network: NetworkRecord;
  endpoint: Endpoint;
  now: EndpointNow;
}

/** One container and its networks, step by step; who calls keeps the order and undoes. */
export function createConnections(parts: ConnectionParts) {
  const { networking, containers, events, book, addresses, raised } = parts;

  function tell(action: "connect" | "disconnect", network: NetworkRecord, container: string): void {
    const attributes = { container, name: network.name, type: network.driver };
    events.emit({ type: "network", action, id: network.id, attributes });
  }

  /** Those that have their addresses, in the order of their interfaces. */
  function connected(record: ContainerRecord): Connected[] {
    return Object.entries(record.endpoints)
      .flatMap(([name, endpoint]) => {
        const network = book.look(endpoint.networkId) ?? book.named(name);
        return network && endpoint.now ? [{ network, endpoint, now: endpoint.now }] : [];
      })
      .sort((one, other) => one.now.interface.localeCompare(other.now.interface, "en", { numeric: true }));
  }

  /** Which one leads out, and so has the published ports: as docker, the first by name that isn't internal. */
  function outward(record: ContainerRecord): Connected | undefined {
    return connected(record)
      .filter(({ network, now }) => network.driver === "bridge" && (now.gateway4 || now.gateway6) !== "")
      .sort((one, other) => (one.network.name < other.network.name ? -1 : 1))[0];
  }

  function leave(record: ContainerRecord, endpoint: Endpoint): void {
    book.leave(endpoint.networkId, record.id);
    addresses.free(endpoint.networkId, record.id);
    delete endpoint.now;
  }

  return {
    tell,
    connected,
    outward,
    /** Takes addresses at once, so that the network counts as used, then sees to the bridge. */
    async enter(record: ContainerRecord, network: NetworkRecord, endpoint: Endpoint): Promise<Connected> {
      if (endpoint.now) leave(record, endpoint);
      const used = new Set(connected(record).map(({ now }) => /\d+$/.exec(now.interface)?.[0]));
      let number = 0;
      while (used.has(String(number))) number++;
      const now = takeEndpoint(network, record, endpoint, number, parts);
      endpoint.networkId = network.id;
      endpoint.now = now;
      book.enter(network, record);
      if (network.driver === "bridge") await raised.raise(network);
      return { network, endpoint, now };
    },
    leave,
    /** After a restart. */
    keep(record: ContainerRecord): void {
      for (const { network, now } of connected(record)) {
        book.enter(network, record);
        addresses.keep(network.id, record.id, [now.ipv4, now.ipv6]);
      }
    },
    setNames(record: ContainerRecord, { network, endpoint }: Connected): void {
      if (!isUserDefined(network)) return;
      const options = nameOptions(record, network, endpoint, containers);
      networking.setNames(network, record.id, containerNames(record, endpoint), options);
    },
    /** @param ports what it had (after a restart); undefined: what it wants. */
    async reserve(record: ContainerRecord, to: Connected, ports?: readonly PublishedPort[]): Promise<void> {
      const { network, now } = to;
      const any = network.options["com.docker.network.bridge.host_binding_ipv4"] ?? "";
      const wanted = ports
        ? ports.map(({ port, hostIp, hostPort }) => ({ port, hostIp, from: hostPort, to: hostPort }))
        : wantedPorts(record, any === "0.0.0.0" ? "" : any);
      if (wanted.length === 0) return;
      try {
        record.ports = await networking.reserve(record.id, wanted);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        throw new AppError(
          error.code,
          `driver failed programming external connectivity on endpoint ${record.name} (${now.endpointId}): ${error.message}`,
          { subject: record.name, cause: error },
        );
      }
    },
    async release(record: ContainerRecord): Promise<void> {
      if (record.ports.length === 0) return;
      await networking.release(record.id, record.ports);
      record.ports = [];
    },
  };
}

export type Connections = ReturnType<typeof createConnections>;
