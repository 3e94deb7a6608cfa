import { randomBytes } from "node:crypto";
import type { EndpointNow } from "#core/engine/container.ts";
import type { NetworkRecord } from "#core/engine/network.ts";

export const someId = () => randomBytes(32).toString("hex");

/** A user-defined bridge `10.<number>.0.0/24`. */
export function someNetwork(number: number, more: Partial<NetworkRecord> = {}): NetworkRecord {
  const id = someId();
  return {
    id,
    name: `net${number}`,
    created: "2026-01-01T00:00:00Z",
    driver: "bridge",
    internal: false,
    attachable: false,
    ipv6: false,
    subnets: [{ subnet: `10.${number}.0.0/24`, gateway: `10.${number}.0.1`, chosen: true }],
    options: {},
    ipamDriver: "default",
    ipamOptions: {},
    labels: {},
    interface: `br-${id.slice(0, 12)}`,
    ...more,
  };
}

/** The endpoint with the host's number `host` in the network. */
export function someEndpoint(
  network: NetworkRecord,
  host: number,
  more: Partial<EndpointNow> = {},
): EndpointNow {
  const [four, six] = [network.subnets[0], network.subnets[1]];
  const prefix = (four?.gateway ?? "").split(".").slice(0, 3).join(".");
  return {
    endpointId: someId(),
    interface: "eth0",
    hostInterface: `ve${someId().slice(0, 11)}`,
    mac: `02:42:0a:00:00:${host.toString(16).padStart(2, "0")}`,
    ipv4: `${prefix}.${host}`,
    prefix4: 24,
    gateway4: four?.gateway ?? "",
    ipv6: six ? `${six.gateway.slice(0, -1)}${host.toString(16)}` : "",
    prefix6: six ? 64 : 0,
    gateway6: six?.gateway ?? "",
    ...more,
  };
}
