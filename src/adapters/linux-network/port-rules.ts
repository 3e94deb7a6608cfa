import type { EndpointNow, PublishedPort } from "#core/engine/container.ts";
import type { Family } from "./firewall-lines.ts";

/** Rules that lead published ports to a container, as iptables-save(8) prints them. */
export function portRules(
  family: Family,
  container: string,
  endpoint: EndpointNow,
  ports: readonly PublishedPort[],
): string[] {
  const target = family === 4 ? endpoint.ipv4 : endpoint.ipv6;
  if (target === "") return [];
  return ports
    .filter(({ hostIp }) => hostIp.includes(":") === (family === 6))
    .map(({ port, hostIp, hostPort }) => {
      const [inside = "", protocol = "tcp"] = port.split("/");
      const any = hostIp === "0.0.0.0" || hostIp === "::";
      const to = family === 4 ? `${target}:${inside}` : `[${target}]:${inside}`;
      return [
        ...(any ? [] : [`-d ${hostIp}/${family === 4 ? 32 : 128}`]),
        `-p ${protocol} -m ${protocol} --dport ${hostPort}`,
        `-m comment --comment ${container}`,
        `-j DNAT --to-destination ${to}`,
      ].join(" ");
    });
}
