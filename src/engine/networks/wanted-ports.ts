import type { ContainerRecord } from "#core/engine/container.ts";
import type { WantedPort } from "#core/engine/networking.ts";
import { AppError } from "#core/errors.ts";
import { formatIp, parseIp } from "#kit/ip-address.ts";

/** The ports that a container wants published: `-p`, and with `-P` all that it exposes. */
export function wantedPorts({ config, host }: ContainerRecord, hostBinding: string): WantedPort[] {
  const bindings = { ...host.PortBindings };
  if (host.PublishAllPorts) {
    for (const port of Object.keys(config.ExposedPorts ?? {}))
      bindings[port] ??= [{ HostIp: "", HostPort: "" }];
  }
  return Object.entries(bindings).flatMap(([port, list]) =>
    (list ?? []).map(({ HostIp, HostPort }) => ({
      port: portName(port),
      hostIp: addressOf(HostIp || hostBinding),
      ...between(HostPort ?? ""),
    })),
  );
}

function portName(text: string): string {
  const [, number = "", protocol = "tcp"] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  if (Number(number) < 1 || Number(number) > 65535)
    throw new AppError("engine-invalid", `invalid port specification: ${JSON.stringify(text)}`);
  return `${number}/${protocol}`;
}

/** It becomes part of firewall rules, so it is none but an address. */
function addressOf(text: string): string {
  const ip = parseIp(text);
  if (text !== "" && !ip) throw new AppError("engine-invalid", `invalid IP address: ${JSON.stringify(text)}`);
  return ip ? formatIp(ip) : "";
}

function between(text: string): { from: number; to: number } {
  const [first = "", last = first, more] = text.split("-");
  const [from, to] = [Number(first), Number(last)];
  const fits = (port: number) => Number.isInteger(port) && port >= 0 && port <= 65535;
  if (more !== undefined || !fits(from) || !fits(to) || to < from)
    throw new AppError("engine-invalid", `invalid port specification: ${JSON.stringify(text)}`);
  return { from, to };
}
