import type { NetworkRecord } from "#core/engine/network.ts";
import { AppError } from "#core/errors.ts";
import { formatIp, overlap, parseCidr } from "#kit/ip-address.ts";

/** Docker's own pools, in its order: 15 of 65,534 addresses, then 16 of 4,094. */
const pools = [
  ...Array.from({ length: 15 }, (_, at) => `172.${17 + at}.0.0/16`),
  ...Array.from({ length: 16 }, (_, at) => `192.168.${16 * at}.0/20`),
];

/** The first of the pools that neither one of our networks nor this host uses. */
export async function freeSubnet(
  networks: readonly NetworkRecord[],
  overlaps: (subnet: string) => Promise<boolean>,
): Promise<string> {
  for (const pool of pools) if (!meetsNetworks(pool, networks) && !(await overlaps(pool))) return pool;
  throw new AppError("engine-failed", "all predefined address pools have been fully subnetted");
}

/** A unique local /64 made of the network's id. RFC 4193. */
export function uniqueLocalSubnet(id: string): string {
  const first = BigInt(`0xfd${id.slice(0, 10)}`) << 80n;
  return `${formatIp({ version: 6, value: first })}/64`;
}

export function meetsNetworks(subnet: string, networks: readonly NetworkRecord[]): boolean {
  const wanted = parseCidr(subnet);
  const used = networks.flatMap((network) => network.subnets.map((one) => parseCidr(one.subnet)));
  return wanted !== undefined && used.some((one) => one !== undefined && overlap(one, wanted));
}

/** The first address that isn't the subnet's own. */
export function firstAddress(subnet: string): string {
  const parsed = parseCidr(subnet);
  return parsed ? formatIp({ version: parsed.version, value: parsed.first + 1n }) : "";
}
