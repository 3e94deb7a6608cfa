import type { EndpointNow } from "#core/engine/container.ts";
import type { NetworkRecord } from "#core/engine/network.ts";
import { removeLinks, mtuOf } from "./bridge.ts";
import { mayTalk } from "./network-lines.ts";
import { ipBatch } from "./programs.ts";

/** A pair of interfaces: one on the bridge, one in the network namespace of `pid` with its addresses and routes. */
export async function plugInterface(
  network: NetworkRecord,
  endpoint: EndpointNow,
  pid: number,
  gateway: boolean,
  owner: string,
): Promise<void> {
  const { interface: inside, hostInterface: outside, mac } = endpoint;
  const mtu = mtuOf(network);
  const size = mtu === undefined ? "" : ` mtu ${mtu}`;
  const isolated = mayTalk(network) ? "" : " isolated on";
  const master = network.interface;
  try {
    await ipBatch([
      `link add name ${outside} mtu ${mtu ?? 1500} up master ${master} type veth peer name ${inside} address ${mac}${size} netns ${pid}`,
      `link set dev ${outside} type bridge_slave hairpin on${isolated}`,
      `link set dev ${outside} addrgenmode none alias ${owner}`,
    ]);
    const { ipv4, ipv6, prefix4, prefix6 } = endpoint;
    await ipBatch(
      [
        ...(ipv6 === "" ? [`link set dev ${inside} addrgenmode none`] : []),
        ...(ipv4 === "" ? [] : [`address add ${ipv4}/${prefix4} broadcast + dev ${inside}`]),
        ...(ipv6 === "" ? [] : [`address add ${ipv6}/${prefix6} dev ${inside} nodad`]),
        `link set dev ${inside} up`,
        ...(gateway ? defaultRoutes(endpoint) : []),
      ],
      pid,
    );
  } catch (error) {
    await removeLinks([outside]).catch(() => undefined);
    throw error;
  }
}

/** Commands for ip(8) in the container's namespace. */
export function defaultRoutes({ gateway4, gateway6, interface: inside }: EndpointNow): string[] {
  return [
    ...(gateway4 === "" ? [] : [`route replace default via ${gateway4} dev ${inside}`]),
    ...(gateway6 === "" ? [] : [`route replace ::/0 via ${gateway6} dev ${inside}`]),
  ];
}
