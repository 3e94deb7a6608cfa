import type { HostConfig } from "#core/engine/container-config.ts";
import type { ContainerRecord, Endpoint } from "#core/engine/container.ts";
import type { Filters } from "#core/engine/filters.ts";
import type { NetworkRecord } from "#core/engine/network.ts";
import { AppError } from "#core/errors.ts";
import { createKeyedLock } from "#kit/keyed-lock.ts";
import { createAddressBook } from "./address-book.ts";
import { createConnections } from "./connections.ts";
import { createFileTexts } from "./file-texts.ts";
import { firstAddress, freeSubnet } from "./free-subnet.ts";
import { createMembership } from "./membership.ts";
import { createNetworkBook } from "./network-book.ts";
import { listFilter, pruneFilter } from "./network-filters.ts";
import { predefined } from "./network-mode.ts";
import type { NetworkParts } from "./network-parts.ts";
import type { NetworkView } from "./network-view.ts";
import { newNetwork } from "./new-network.ts";
import { createRaisedNetworks } from "./raised-networks.ts";
import type { Json } from "./read-json.ts";
import { requestedEndpoints } from "./requested.ts";
import { createRunning } from "./running.ts";

/** Networks, and what containers have to do with them. Texts of errors are docker's. */
export interface Networks {
  create(body: Json): Promise<{ id: string; warning: string }>;
  list(filters: Filters): Promise<NetworkView[]>;
  inspect(ref: string): Promise<NetworkView>;
  remove(ref: string): Promise<void>;
  prune(filters: Filters): Promise<string[]>;
  connect(ref: string, body: Json): Promise<void>;
  disconnect(ref: string, body: Json): Promise<void>;

  /** At create: the endpoints that mode and networking configuration ask for. Throws engine-invalid. */
  requested(host: Pick<HostConfig, "NetworkMode">, networkingConfig: unknown): Record<string, Endpoint>;
  /** At start, before its process is made: addresses (`endpoint.now`) and ports, or nothing of it. Changes the record. */
  prepare(record: ContainerRecord): Promise<void>;
  /** What is to be mounted into it; after `prepare`. */
  files(record: ContainerRecord): Promise<{ hosts: string; resolvConf: string }>;
  /** Variables that its links bring; after `prepare`. They come before its own. */
  environment(record: ContainerRecord): string[];
  /** Once its process is there and before it runs. When it fails, `unplug` undoes. */
  plug(record: ContainerRecord, pid: number): Promise<void>;
  /** After its end or a failed start; everything is free again even where it rejects. Changes the record. */
  unplug(record: ContainerRecord): Promise<void>;
  /** After a rename. */
  renamed(record: ContainerRecord): void;
  /** At the engine's start, before anything else; the records are in memory from then on. @param running as found. */
  restore(running: readonly ContainerRecord[]): Promise<void>;
}

const defaultOptions = {
  "com.docker.network.bridge.default_bridge": "true",
  "com.docker.network.bridge.enable_icc": "true",
  "com.docker.network.bridge.enable_ip_masquerade": "true",
  "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0",
  "com.docker.network.driver.mtu": "1500",
};

/**
 * Flow of a container: requested → prepare (addresses, ports) → files → plug → unplug. Addresses and who is where are
 * kept in memory; records of networks are written through, those of containers by who calls.
 */
export function createNetworks(parts: NetworkParts): Networks {
  const {
    records,
    networking,
    events,
    clock,
    newId,
    defaultBridge = "berth0",
    report = () => undefined,
  } = parts;
  const book = createNetworkBook();
  const raised = createRaisedNetworks(networking);
  const addresses = createAddressBook();
  const connections = createConnections({ ...parts, book, addresses, raised });
  const files = createFileTexts({ ...parts, connections, book });
  const all = { ...parts, book, addresses, raised, connections, files };
  const running = createRunning(all);
  const membership = createMembership({ ...all, running });
  const lock = createKeyedLock();

  const now = () => new Date(clock()).toISOString();
  const overlaps = (subnet: string) => networking.overlaps(subnet);
  const tell = (action: string, { id, name, driver }: NetworkRecord) =>
    events.emit({ type: "network", action, id, attributes: { name, type: driver } });

  /** Up first: whatever a crash leaves is swept, and nobody sees a network that can't be used. */
  async function add(network: NetworkRecord): Promise<void> {
    try {
      await raised.raise(network);
      await keep(network);
    } catch (error) {
      await raised.lower(network).catch(() => undefined);
      throw error;
    }
  }

  async function drop(network: NetworkRecord): Promise<void> {
    book.remove(network);
    try {
      await records.remove(network.id);
    } catch (error) {
      book.add(network);
      throw error;
    }
    tell("destroy", network);
    await raised.lower(network);
  }

  async function keep(network: NetworkRecord): Promise<void> {
    await records.put(network, true);
    book.add(network);
  }

  async function bridgeSubnets(): Promise<NetworkRecord["subnets"]> {
    const { subnet = await freeSubnet(book.all(), overlaps), ipv6 } = parts.bridge ?? {};
    return [subnet, ipv6].flatMap((one) =>
      one === undefined ? [] : [{ subnet: one, gateway: firstAddress(one), chosen: false }],
    );
  }

  /** What the configuration says of the default network now, once nobody has an address of the former one. */
  async function changeBridge(network: NetworkRecord, running: readonly ContainerRecord[]): Promise<void> {
    const { subnet, ipv6 } = parts.bridge ?? {};
    const [four, six] = network.subnets.map((one) => one.subnet);
    if ((subnet === undefined || subnet === four) && ipv6 === six) return;
    if (running.some(({ endpoints }) => Object.hasOwn(endpoints, network.name))) {
      parts.report?.(
        new AppError("engine-conflict", "containers run in it"),
        "the network bridge keeps its subnet until the engine starts with none of its containers running",
      );
      return;
    }
    await raised.lower(network);
    book.remove(network);
    const subnets = await bridgeSubnets();
    const changed = { ...network, subnets, ipv6: ipv6 !== undefined };
    await records.put(changed, true);
    book.add(changed);
  }

  async function addPredefined(running: readonly ContainerRecord[]): Promise<void> {
    const base = {
      created: now(),
      internal: false,
      attachable: false,
      ipv6: false,
      subnets: [],
      options: {},
      ipamDriver: "default",
      ipamOptions: {},
      labels: {},
      interface: "",
    };
    for (const [name, driver] of [
      ["host", "host"],
      ["none", "null"],
    ] as const) {
      if (!book.named(name)) await keep({ ...base, id: newId(), name, driver });
    }
    const there = book.named("bridge");
    if (there !== undefined) return changeBridge(there, running);
    const subnets = await bridgeSubnets();
    const options = { ...defaultOptions, "com.docker.network.bridge.name": defaultBridge };
    const driver = "bridge" as const;
    await keep({ ...base, id: newId(), name: "bridge", driver, subnets, options, interface: defaultBridge });
  }

  return {
    create: (body) =>
      lock.run("create", async () => {
        const network = await newNetwork(body, {
          id: newId(),
          created: now(),
          networks: book.all(),
          overlaps,
        });
        await add(network);
        tell("create", network);
        return { id: network.id, warning: "" };
      }),
    async list(filters) {
      const shown = listFilter(filters);
      return book
        .all()
        .filter((network) => shown(network, book.inside(network).length > 0))
        .map(book.view);
    },
    inspect: async (ref) => book.view(book.find(ref)),
    async remove(ref) {
      const network = book.find(ref);
      const { id, name } = network;
      if (predefined.has(name))
        throw new AppError("engine-forbidden", `${name} is a pre-defined network and cannot be removed`);
      if (book.inside(network).length > 0)
        throw new AppError(
          "engine-forbidden",
          `error while removing network: network ${name} id ${id} has active endpoints`,
        );
      await drop(network);
    },
    async prune(filters) {
      const taken = pruneFilter(filters, clock());
      const gone: string[] = [];
      for (const network of book.all()) {
        if (predefined.has(network.name) || !taken(network)) continue;
        if (book.inside(network).length > 0 || !book.look(network.id)) continue;
        await drop(network);
        gone.push(network.name);
      }
      return gone;
    },
    connect: membership.connect,
    disconnect: membership.disconnect,

    requested: (host, networkingConfig) => requestedEndpoints(host, networkingConfig, book),
    prepare: running.prepare,
    files: files.files,
    environment: files.environment,
    plug: running.plug,
    unplug: running.unplug,
    renamed(record) {
      for (const one of connections.connected(record)) connections.setNames(record, one);
    },
    async restore(found) {
      for (const network of await records.all()) book.add(network);
      await addPredefined(found);
      // One that can't be raised now is tried again by who starts a container in it.
      await Promise.all(
        book
          .all()
          .map((network) =>
            raised
              .raise(network)
              .catch((error: unknown) => report(error, `network ${network.name} isn't up`)),
          ),
      );
      for (const record of found) connections.keep(record);
      await Promise.all(
        found.map((record) =>
          running
            .adopt(record)
            .catch((error: unknown) =>
              report(error, `container ${record.id} may not be reached by its ports`),
            ),
        ),
      );
      await networking.sweep({
        networks: book.all(),
        containers: new Set(found.map(({ id }) => id)),
        hostInterfaces: new Set(
          found.flatMap((record) => connections.connected(record)).map((one) => one.now.hostInterface),
        ),
      });
    },
  };
}
