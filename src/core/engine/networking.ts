import type { EndpointNow, PublishedPort } from "./container.ts";
import type { NetworkRecord } from "./network.ts";

/**
 * The kernel's part of networks: bridges, veth pairs, firewall lines, reserved ports, names. Thin; who gets which
 * address is the service's business. Idempotent wherever a crash could have left half of it.
 * Implementation: adapters/linux-network. Errors: engine-failed; port-taken.
 */
export interface Networking extends AsyncDisposable {
  /** Makes the bridge with its firewall lines and starts to answer names on it, or finds it as it should be. */
  raise(network: NetworkRecord): Promise<void>;
  lower(network: NetworkRecord): Promise<void>;
  /** Whether this host uses addresses of the subnet (CIDR) already, by a route or an interface that isn't ours. */
  overlaps(subnet: string): Promise<boolean>;

  /** Gives the container whose first process is `pid` an interface. @param gateway it holds the default route. */
  plug(network: NetworkRecord, endpoint: EndpointNow, pid: number, gateway: boolean): Promise<void>;
  /** The container's default route goes by this endpoint from now on. */
  route(endpoint: EndpointNow, pid: number): Promise<void>;
  /** Takes it away again; a namespace that is gone took it along. */
  unplug(endpoint: EndpointNow, pid: number): Promise<void>;

  /**
   * Binds the ports on this host, so that nobody else gets them, and settles `0` and ranges.
   * Throws port-taken, with docker's words, and then none is held.
   */
  reserve(container: string, wanted: readonly WantedPort[]): Promise<PublishedPort[]>;
  /** Leads the reserved ports there, and nowhere else; the namespace may come later. */
  publish(
    container: string,
    network: NetworkRecord,
    endpoint: EndpointNow,
    ports: readonly PublishedPort[],
  ): Promise<void>;
  /** Ends publishing and lets the ports go; also by what a killed engine left. */
  release(container: string, ports: readonly PublishedPort[]): Promise<void>;

  /** What is answered in this network; replaces what was there for the container. */
  setNames(
    network: NetworkRecord,
    container: string,
    names: readonly NamedAddress[],
    options?: NameOptions,
  ): void;
  removeNames(network: NetworkRecord, container: string): void;

  /** Firewall lines, interfaces and bridges of ours that belong to none of these are removed. */
  sweep(known: {
    networks: readonly NetworkRecord[];
    containers: ReadonlySet<string>;
    hostInterfaces: ReadonlySet<string>;
  }): Promise<void>;
}

export interface WantedPort {
  /** `80/tcp` */
  port: string;
  /** "": all of this host, IPv4 and IPv6 (one PublishedPort each, with the same number). */
  hostIp: string;
  /** First and last to choose from; 0, 0: any. */
  from: number;
  to: number;
}

export interface NamedAddress {
  /** Without a trailing dot; compared without case. */
  name: string;
  ipv4: string;
  ipv6: string;
}

/** What is answered to one container only. */
export interface NameOptions {
  /** Whom to ask for other names, instead of this host's name servers. */
  nameservers?: readonly string[];
  /** Name → a container's name in this network. */
  links?: Readonly<Record<string, string>>;
}
