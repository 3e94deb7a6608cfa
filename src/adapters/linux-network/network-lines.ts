import type { NetworkRecord } from "#core/engine/network.ts";
import { parseCidr, formatCidr } from "#kit/ip-address.ts";
import type { Family, TableLines } from "./firewall-lines.ts";

/** A network that is up, and where its name server listens (port 0: nowhere). */
export interface RaisedNetwork {
  network: NetworkRecord;
  names: { address: string; port: number };
}

/** What the option says, which is true unless it says otherwise. */
const on = (network: NetworkRecord, option: string) =>
  network.options[`com.docker.network.bridge.${option}`] !== "false";

export const mayTalk = (network: NetworkRecord) => on(network, "enable_icc");

/** CIDRs of one family, with no bits beyond the prefix. */
export function subnetsOf(network: NetworkRecord, family: Family): string[] {
  const parsed = network.subnets.map(({ subnet }) => parseCidr(subnet));
  return parsed.filter((one) => one?.version === family).map((one) => formatCidr(one!));
}

/**
 * The firewall's lines for all networks together, so that writing them again is the same as writing them once.
 * Into a bridge goes what was asked for from inside, what was led there by a published port, and its own containers'
 * traffic; nothing else, so networks are closed to each other and to the outside.
 */
export function networkLines(
  family: Family,
  raised: readonly RaisedNetwork[],
  chain: (name: string) => string,
): TableLines {
  const names: string[] = [];
  const source: string[] = [];
  const input: string[] = [];
  const closed: string[] = [];
  const inward: string[] = [];
  const outward: string[] = [];
  const add = (list: string[], name: string, line: string) => list.push(`-A ${chain(name)} ${line}`);
  for (const { network, names: server } of raised) {
    const bridge = network.interface;
    const subnets = subnetsOf(network, family);
    if (subnets.length === 0 && family === 6) continue;
    if (family === 4) {
      if (server.port > 0) {
        for (const protocol of ["udp", "tcp"]) {
          const to = `-p ${protocol} -m ${protocol} --dport`;
          add(
            names,
            "NAMES",
            `-d ${server.address}/32 -i ${bridge} ${to} 53 -j REDIRECT --to-ports ${server.port}`,
          );
          add(input, "INPUT", `-d ${server.address}/32 -i ${bridge} ${to} ${server.port} -j ACCEPT`);
        }
      }
      // route_localnet lets published ports answer on 127.0.0.1; containers must not reach this host's loopback by it.
      add(
        input,
        "INPUT",
        `-d 127.0.0.0/8 -i ${bridge} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
      );
      add(source, "SOURCE", `-s 127.0.0.0/8 -o ${bridge} -j MASQUERADE`);
    }
    for (const subnet of subnets) {
      // Who reaches a container of its own network by a published port must get the answer back through this host.
      add(
        source,
        "SOURCE",
        `-s ${subnet} -d ${subnet} -o ${bridge} -m conntrack --ctstate DNAT -j MASQUERADE`,
      );
      if (!network.internal && on(network, "enable_ip_masquerade"))
        add(source, "SOURCE", `-s ${subnet} ! -o ${bridge} -j MASQUERADE`);
    }
    const own = `-i ${bridge} -o ${bridge} -j ${mayTalk(network) ? "ACCEPT" : "DROP"}`;
    if (network.internal) {
      add(closed, "FORWARD", `-i ${bridge} ! -o ${bridge} -j DROP`);
      add(closed, "FORWARD", `! -i ${bridge} -o ${bridge} -j DROP`);
      add(inward, "FORWARD", own);
    } else {
      add(inward, "FORWARD", `-o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT`);
      add(inward, "FORWARD", own);
      add(inward, "FORWARD", `-o ${bridge} -j DROP`);
      add(outward, "FORWARD", `-i ${bridge} -j ACCEPT`);
    }
  }
  return { nat: [...names, ...source], filter: [...input, ...closed, ...inward, ...outward] };
}
