import type { EndpointNow } from "#core/engine/container.ts";
import type { ContainerRecord, Endpoint } from "#core/engine/container.ts";
import type { NetworkRecord } from "#core/engine/network.ts";
import { AppError } from "#core/errors.ts";
import { macOf, type AddressBook } from "./address-book.ts";
import { isUserDefined } from "./network-mode.ts";

/** Gives an endpoint its addresses; throws with nothing taken. @param number of its interface: eth0, … */
export function takeEndpoint(
  network: NetworkRecord,
  record: ContainerRecord,
  endpoint: Endpoint,
  number: number,
  parts: { addresses: AddressBook; newId: () => string },
): EndpointNow {
  const { addresses, newId } = parts;
  const { requested } = endpoint;
  checkRequest(network, endpoint);
  const bare = {
    endpointId: newId(),
    interface: "",
    hostInterface: "",
    mac: "",
    ipv4: "",
    prefix4: 0,
    gateway4: "",
    ipv6: "",
    prefix6: 0,
    gateway6: "",
  };
  if (network.driver !== "bridge") return bare;
  try {
    const four = addresses.take(network, 4, record.id, requested.ipv4);
    const six = addresses.take(network, 6, record.id, requested.ipv6);
    const prefix = network.options["com.docker.network.container_iface_prefix"] ?? "eth";
    return {
      ...bare,
      interface: `${/^[A-Za-z][A-Za-z0-9_-]{0,9}$/.test(prefix) ? prefix : "eth"}${number}`,
      hostInterface: `veth${newId().slice(0, 11)}`,
      mac: requested.mac ?? macOf(four?.address ?? ""),
      ipv4: four?.address ?? "",
      prefix4: four?.prefix ?? 0,
      // Nothing leads out of an internal network.
      gateway4: network.internal ? "" : (four?.gateway ?? ""),
      ipv6: six?.address ?? "",
      prefix6: six?.prefix ?? 0,
      gateway6: network.internal ? "" : (six?.gateway ?? ""),
    };
  } catch (error) {
    addresses.free(network.id, record.id);
    throw error;
  }
}

/** What only networks of the user's own can give. */
function checkRequest(network: NetworkRecord, { requested }: Endpoint): void {
  const fixed = [requested.ipv4, requested.ipv6].filter((address) => address !== undefined);
  if (!isUserDefined(network)) {
    if (fixed.length > 0)
      throw new AppError(
        "engine-invalid",
        "user specified IP address is supported on user defined networks only",
      );
    if (requested.aliases.length > 0)
      throw new AppError(
        "engine-invalid",
        "network-scoped alias is supported only for containers in user defined networks",
      );
  }
  for (const address of fixed) {
    const version = address.includes(":");
    if (!network.subnets.some(({ subnet, chosen }) => chosen && subnet.includes(":") === version))
      throw new AppError(
        "engine-invalid",
        "user specified IP address is supported only when connecting to networks with user configured subnets",
      );
  }
}
