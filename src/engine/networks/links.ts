import type { ContainerRecord } from "#core/engine/container.ts";
import type { ContainerLookup } from "../container-lookup.ts";

export interface Link {
  /** As the client wrote it: name or id. */
  target: string;
  alias: string;
}

/** `name:alias` or `name`; a leading slash and docker's own `/name:/me/alias` are fine. */
export function parseLink(link: string): Link {
  const [target = "", alias = target] = link.split(":");
  const bare = (name: string) => name.split("/").at(-1) ?? name;
  return { target: bare(target), alias: bare(alias) };
}

/** The linked containers that exist. */
export function linkedContainers(
  record: ContainerRecord,
  containers: ContainerLookup,
): { alias: string; other: ContainerRecord }[] {
  return record.host.Links.flatMap((text) => {
    const { target, alias } = parseLink(text);
    const other = containers
      .all()
      .find(
        ({ id, name }) => name === target || id === target || (target.length >= 12 && id.startsWith(target)),
      );
    return other ? [{ alias, other }] : [];
  });
}

/** Variables that a link on the default bridge brings: `DB_PORT_5432_TCP_ADDR=…`. */
export function linkEnvironment(
  record: ContainerRecord,
  alias: string,
  other: ContainerRecord,
  ip: string,
): string[] {
  const prefix = alias.replaceAll("-", "_").toUpperCase();
  const ports = Object.keys(other.config.ExposedPorts ?? {})
    .map((port) => ({ number: Number.parseInt(port, 10), protocol: port.split("/")[1] ?? "tcp" }))
    .sort((one, next) => one.number - next.number);
  const url = (port: (typeof ports)[number]) => `${port.protocol}://${ip}:${port.number}`;
  const lines = [`${prefix}_NAME=/${record.name}/${alias}`];
  if (ports[0]) lines.unshift(`${prefix}_PORT=${url(ports[0])}`);
  for (const port of ports) {
    const name = `${prefix}_PORT_${port.number}_${port.protocol.toUpperCase()}`;
    lines.push(
      `${name}=${url(port)}`,
      `${name}_ADDR=${ip}`,
      `${name}_PORT=${port.number}`,
      `${name}_PROTO=${port.protocol}`,
    );
  }
  const own = /^(HOME|PATH)=/;
  for (const variable of other.config.Env) if (!own.test(variable)) lines.push(`${prefix}_ENV_${variable}`);
  return lines;
}
