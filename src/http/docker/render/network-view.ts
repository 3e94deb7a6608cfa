import type { NetworkRecord, Subnet } from "#core/engine/network.ts";
import type { NetworkView } from "../needs.ts";

/** Docker Engine API "Network". */
export function networkView({ network, containers }: NetworkView): object {
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: "local",
    Driver: network.driver,
    EnableIPv6: network.ipv6,
    IPAM: {
      Driver: network.ipamDriver,
      Options: Object.keys(network.ipamOptions).length === 0 ? null : network.ipamOptions,
      Config: network.subnets.map(subnetView),
    },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      Object.entries(containers).map(([id, { name, endpointId, mac, ipv4, ipv6 }]) => [
        id,
        {
          Name: name,
          EndpointID: endpointId,
          MacAddress: mac,
          IPv4Address: withPrefix(ipv4, network, "."),
          IPv6Address: withPrefix(ipv6, network, ":"),
        },
      ]),
    ),
    Options: network.options,
    Labels: network.labels,
  };
}

function subnetView({ subnet, gateway, range, auxiliary }: Subnet): object {
  return {
    Subnet: subnet,
    ...(range !== undefined && { IPRange: range }),
    ...(gateway !== "" && { Gateway: gateway }),
    ...(auxiliary !== undefined && { AuxiliaryAddresses: auxiliary }),
  };
}

/** `172.18.0.2/16` */
function withPrefix(address: string, { subnets }: NetworkRecord, mark: "." | ":"): string {
  if (address === "" || address.includes("/")) return address;
  const prefix = subnets.find(({ subnet }) => subnet.includes(mark))?.subnet.split("/")[1];
  return prefix === undefined ? address : `${address}/${prefix}`;
}
