import type { ContainerRecord } from "#core/engine/container.ts";
import type { Connections } from "./connections.ts";
import { hostsFile, resolvConf } from "./container-files.ts";
import { linkedContainers, linkEnvironment } from "./links.ts";
import type { NetworkBook } from "./network-book.ts";
import { defaultNetwork, isUserDefined, modeOf } from "./network-mode.ts";
import type { NetworkParts } from "./network-parts.ts";

/** What a container finds in its files about networks and names, as it is connected now. */
export function createFileTexts(parts: NetworkParts & { connections: Connections; book: NetworkBook }) {
  const { folders, containers, connections, book } = parts;

  const gatewayOf = (name: string) =>
    book.named(name)?.subnets.find(({ gateway }) => !gateway.includes(":"))?.gateway;

  /** Links of the default bridge go by this file; elsewhere names are answered. */
  const links = (record: ContainerRecord) =>
    Object.hasOwn(record.endpoints, defaultNetwork)
      ? linkedContainers(record, containers).flatMap(({ alias, other }) => {
          const ip = other.endpoints[defaultNetwork]?.now?.ipv4 ?? "";
          return ip === "" ? [] : [{ alias, other, ip }];
        })
      : [];

  return {
    async files(record: ContainerRecord): Promise<{ hosts: string; resolvConf: string }> {
      const host = await folders.hostFiles();
      const onHost = modeOf(record.host.NetworkMode) === "host";
      const connected = connections.connected(record).filter(({ network }) => network.driver === "bridge");
      // One that may ask outside comes first.
      const named = connected
        .filter(({ network }) => isUserDefined(network))
        .sort((one, other) => Number(one.network.internal) - Number(other.network.internal))[0];
      const server = gatewayOf((named ?? connected[0])?.network.name ?? "");
      return {
        hosts: hostsFile(record, {
          base: onHost ? host.hosts : undefined,
          gateway: gatewayOf(defaultNetwork) ?? "",
          links: links(record).map(({ alias, other, ip }) => [
            ip,
            [...new Set([alias, other.config.Hostname, other.name])].join(" "),
          ]),
          own: connected.flatMap(({ now }) => [now.ipv4, now.ipv6]).filter((address) => address !== ""),
        }),
        resolvConf: resolvConf(record, host.resolvConf, server, named !== undefined, parts.dns),
      };
    },
    environment: (record: ContainerRecord): string[] =>
      links(record).flatMap(({ alias, other, ip }) => linkEnvironment(record, alias, other, ip)),
  };
}

export type FileTexts = ReturnType<typeof createFileTexts>;
