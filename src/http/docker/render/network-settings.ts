import type { ContainerRecord } from "#core/engine/container.ts";
import { endpointView } from "./endpoint.ts";
import { portMap } from "./ports.ts";

/** Docker Engine API "NetworkSettings", with the old fields that tell of the default bridge alone. */
export function networkSettings(record: ContainerRecord, api: number): object {
  const bridge = record.endpoints.bridge?.now;
  const { pid } = record.state;
  return {
    Bridge: "",
    SandboxID: pid > 0 ? record.id : "",
    SandboxKey: pid > 0 ? `/proc/${pid}/ns/net` : "",
    Ports: portMap(record),
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge?.endpointId ?? "",
    Gateway: bridge?.gateway4 ?? "",
    GlobalIPv6Address: bridge?.ipv6 ?? "",
    GlobalIPv6PrefixLen: bridge?.prefix6 ?? 0,
    IPAddress: bridge?.ipv4 ?? "",
    IPPrefixLen: bridge?.prefix4 ?? 0,
    IPv6Gateway: bridge?.gateway6 ?? "",
    MacAddress: bridge?.mac ?? "",
    Networks: networksOf(record, api),
  };
}

/** By network name; also those that it will be in when it starts. */
export function networksOf(record: ContainerRecord, api: number): Record<string, object> {
  return Object.fromEntries(
    Object.entries(record.endpoints).map(([name, endpoint]) => [
      name,
      endpointView(record, name, endpoint, api),
    ]),
  );
}
