import type { NetworkRecord, Subnet } from "#core/engine/network.ts";
import { AppError } from "#core/errors.ts";
import { contains, formatIp, parseCidr, parseIp, type IpNetwork } from "#kit/ip-address.ts";

export interface GivenAddress {
  address: string;
  prefix: number;
  gateway: string;
}

/** Which addresses of the networks are given to whom. In memory: the containers' records say it after a restart. */
export function createAddressBook() {
  /** Network's id → address → container's id. */
  const given = new Map<string, Map<string, string>>();

  const takenIn = (network: NetworkRecord) => {
    const taken = given.get(network.id) ?? new Map<string, string>();
    given.set(network.id, taken);
    return taken;
  };

  /** What nobody gets: the subnet's own first and last address, its gateway, the auxiliary ones. */
  function closed(subnet: Subnet, whole: IpNetwork): (value: bigint) => boolean {
    const others = [subnet.gateway, ...Object.values(subnet.auxiliary ?? {})].map(
      (one) => parseIp(one)?.value,
    );
    return (value) =>
      value === whole.first || (value === whole.last && whole.version === 4) || others.includes(value);
  }

  function chosen(network: NetworkRecord, container: string, wanted: string): GivenAddress {
    const ip = parseIp(wanted);
    for (const subnet of network.subnets) {
      const whole = parseCidr(subnet.subnet);
      if (!ip || !whole || !contains(whole, ip)) continue;
      const address = formatIp(ip);
      const taken = takenIn(network);
      const holder = taken.get(address);
      if ((holder !== undefined && holder !== container) || closed(subnet, whole)(ip.value))
        throw new AppError("engine-forbidden", "Address already in use", { subject: wanted });
      taken.set(address, container);
      return { address, prefix: whole.prefix, gateway: subnet.gateway };
    }
    throw new AppError(
      "engine-invalid",
      `invalid address ${wanted}: it does not belong to any of this network's subnets`,
    );
  }

  return {
    /** @param wanted fixed; undefined: the lowest free one. @returns undefined where the network has none of this version. */
    take(
      network: NetworkRecord,
      version: 4 | 6,
      container: string,
      wanted: string | undefined,
    ): GivenAddress | undefined {
      if (wanted !== undefined) return chosen(network, container, wanted);
      const subnets = network.subnets.filter(({ subnet }) => parseCidr(subnet)?.version === version);
      if (subnets.length === 0) return undefined;
      const taken = takenIn(network);
      for (const subnet of subnets) {
        const whole = parseCidr(subnet.subnet);
        const range = parseCidr(subnet.range ?? subnet.subnet);
        if (!whole || !range) continue;
        const isClosed = closed(subnet, whole);
        for (let value = range.first; value <= range.last; value++) {
          const address = formatIp({ version, value });
          if (isClosed(value) || taken.has(address)) continue;
          taken.set(address, container);
          return { address, prefix: whole.prefix, gateway: subnet.gateway };
        }
      }
      throw new AppError(
        "engine-failed",
        `no available IPv${version} addresses on this network's address pools: ${network.name} (${network.id})`,
      );
    },
    /** After a restart: it is there already, whatever the rules say. */
    keep(networkId: string, container: string, addresses: readonly string[]): void {
      const taken = given.get(networkId) ?? new Map<string, string>();
      given.set(networkId, taken);
      for (const address of addresses) if (address !== "") taken.set(address, container);
    },
    free(networkId: string, container: string): void {
      const taken = given.get(networkId);
      for (const [address, holder] of taken ?? []) if (holder === container) taken?.delete(address);
      if (taken?.size === 0) given.delete(networkId);
    },
  };
}

export type AddressBook = ReturnType<typeof createAddressBook>;

/** Docker's: made of the IPv4 address, so that a reused address needs no new neighbour look-up. */
export function macOf(ipv4: string): string {
  const value = parseIp(ipv4)?.value ?? 0n;
  const digits = value.toString(16).padStart(8, "0");
  return `02:42:${(digits.match(/../g) ?? []).join(":")}`;
}
