import type { Networking } from "#core/engine/networking.ts";
import type { NetworkRecord } from "#core/engine/network.ts";
import { AppError } from "#core/errors.ts";
import { createKeyedLock } from "#kit/keyed-lock.ts";
import { raiseBridge, removeBridge, removeLinks, shownLinks } from "./bridge.ts";
import { createFirewall } from "./firewall.ts";
import type { Family } from "./firewall-lines.ts";
import { createHeldPorts } from "./held-ports.ts";
import { createHostSubnets } from "./host-subnets.ts";
import { defaultRoutes, plugInterface } from "./interface.ts";
import { hasIpv6 } from "./kernel-settings.ts";
import { createNameForwarder } from "./name-forwarder.ts";
import { openNameServer, type NameServer } from "./name-server.ts";
import { createNameTable } from "./name-table.ts";
import { subnetsOf, type RaisedNetwork } from "./network-lines.ts";
import { portRules } from "./port-rules.ts";
import { ipBatch } from "./programs.ts";

export interface LinuxNetworkParts {
  /** What is ours is marked by it (aliases of links, names of chains); two engines on one host need two. At most 16 of a-z. */
  owner?: string;
  /** Path of this host's. */
  resolvConf?: string;
}

/**
 * Networks of this process' network namespace: bridges and veth pairs by ip(8), the firewall by iptables-restore(8),
 * ports bound by this process, names answered by it. What outlives it (links, firewall lines) says whose it is.
 * Disposing leaves what running containers need; their ports and ways out go on without it.
 * Flow: raise (bridge → name server → firewall) · reserve → publish ∥ plug → setNames · release, unplug, removeNames.
 */
export function createLinuxNetworking({
  owner = "berth",
  resolvConf = "/etc/resolv.conf",
}: LinuxNetworkParts = {}): Networking {
  const raised = new Map<string, RaisedNetwork>();
  const servers = new Map<string, NameServer>();
  const names = createNameTable();
  const forwarder = createNameForwarder(resolvConf);
  const ports = createHeldPorts();
  const subnets = createHostSubnets(owner);
  const lock = createKeyedLock();
  /** Containers with lines of IPv6: the other ones never ask for that firewall. */
  const six = new Set<string>();
  let closeForward = false;

  const firewall = (family: Family) =>
    createFirewall({
      family,
      prefix: owner.toUpperCase(),
      raised: () => [...raised.values()],
      closeForward: () => family === 4 && closeForward,
    });
  const firewalls = { 4: firewall(4), 6: firewall(6) };
  const familiesOf = (network: NetworkRecord) =>
    ([4, 6] as const).filter((family) => subnetsOf(network, family).length > 0);

  async function raise(network: NetworkRecord): Promise<void> {
    if (network.driver !== "bridge") return;
    if (network.interface.length > 15)
      throw new AppError(
        "engine-failed",
        `the bridge's name ${network.interface} is longer than 15 characters`,
      );
    if (await raiseBridge(network, owner)) closeForward = true;
    await servers.get(network.id)?.close();
    servers.delete(network.id);
    const server = await openNameServer(network, names, forwarder);
    if (server) servers.set(network.id, server);
    raised.set(network.id, { network, names: { address: server?.address ?? "", port: server?.port ?? 0 } });
    await Promise.all(familiesOf(network).map((family) => firewalls[family].refresh()));
  }

  async function lower(network: NetworkRecord): Promise<void> {
    if (network.driver !== "bridge") return;
    raised.delete(network.id);
    const server = servers.get(network.id);
    servers.delete(network.id);
    await Promise.all([
      server?.close(),
      removeBridge(network.interface, owner),
      ...familiesOf(network).map((family) => firewalls[family].refresh()),
    ]);
  }

  async function clearPorts(container: string): Promise<void> {
    const both = [firewalls[4].setPorts(container, [])];
    if (six.delete(container)) both.push(firewalls[6].setPorts(container, []));
    await Promise.all(both);
  }

  /** What no running container needs goes; it is made again at the next start. */
  async function tidy(): Promise<void> {
    const links = await shownLinks();
    const busy = new Set(links.map((link) => link.master));
    const idle = [...raised.values()].filter(({ network }) => !busy.has(network.interface));
    for (const { network } of idle) raised.delete(network.id);
    const own = new Set(links.filter((link) => link.ifalias === owner).map((link) => link.ifname));
    await removeLinks(idle.map(({ network }) => network.interface).filter((name) => own.has(name)));
    const families = [
      4,
      ...(idle.some(({ network }) => familiesOf(network).includes(6)) ? [6 as const] : []),
    ] as const;
    for (const family of families)
      await (raised.size === 0 ? firewalls[family].clear() : firewalls[family].refresh());
  }

  return {
    raise: (network) => lock.run(network.interface, () => raise(network)),
    lower: (network) => lock.run(network.interface, () => lower(network)),
    overlaps: (subnet) => subnets.overlaps(subnet),

    plug: (network, endpoint, pid, gateway) => plugInterface(network, endpoint, pid, gateway, owner),
    route: (endpoint, pid) => ipBatch(defaultRoutes(endpoint), pid),
    unplug: (endpoint) => removeLinks([endpoint.hostInterface]),

    reserve: (container, wanted) => ports.reserve(container, wanted),
    async publish(container, network, endpoint, published) {
      ports.lead(container, endpoint);
      if (familiesOf(network).includes(6)) six.add(container);
      const families = six.has(container) ? ([4, 6] as const) : ([4] as const);
      await Promise.all(
        families.map((family) =>
          firewalls[family].setPorts(container, portRules(family, container, endpoint, published)),
        ),
      );
    },
    async release(container) {
      await clearPorts(container);
      await ports.close(container);
    },

    setNames: (network, container, list, options = {}) => names.set(network, container, list, options),
    removeNames: (network, container) => names.remove(network, container),

    async sweep({ networks, containers, hostInterfaces }) {
      const lines = await Promise.all([
        firewalls[4].containers(),
        hasIpv6() ? firewalls[6].containers().catch(() => []) : [],
      ]);
      for (const container of lines[1]) six.add(container);
      for (const container of new Set(lines.flat()))
        if (!containers.has(container)) await clearPorts(container);
      const bridges = new Set(networks.map((network) => network.interface));
      const links = await shownLinks();
      const lost = links.filter(
        ({ ifname, ifalias }) => ifalias === owner && !bridges.has(ifname) && !hostInterfaces.has(ifname),
      );
      await removeLinks(lost.map(({ ifname }) => ifname));
    },

    async [Symbol.asyncDispose]() {
      const open = [...servers.values()];
      servers.clear();
      await Promise.all([ports.closeAll(), ...open.map((server) => server.close())]);
      if (raised.size > 0) await tidy();
    },
  };
}
