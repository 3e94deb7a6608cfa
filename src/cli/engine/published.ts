import { UsageError } from "../usage-error.ts";

export interface Published {
  exposed: Record<string, Record<string, never>>;
  bindings: Record<string, { HostIp: string; HostPort: string }[]>;
}

const shape = /^(?:(?:(\[[0-9a-f:.]+\]|[\d.]+):)?(\d*(?:-\d+)?):)?(\d+(?:-\d+)?)(?:\/(tcp|udp|sctp))?$/i;

/** `-p [[IP:]HOSTPORT:]PORT[/udp]`, each port also a range. */
export function readPublished(list: readonly string[]): Published {
  const published: Published = { exposed: {}, bindings: {} };
  for (const text of list) {
    const [whole, ip = "", host = "", inside = "", protocol = "tcp"] = shape.exec(text) ?? [];
    const [first, last] = range(inside);
    const [hostFirst, hostLast] = range(host);
    const ranged = host.includes("-") && first !== last;
    const fits = !ranged || hostLast - hostFirst === last - first;
    const known = host === "" || (hostFirst <= hostLast && hostLast < 65_536);
    if (whole === undefined || !fits || !known || first < 1 || first > last || last > 65_535)
      throw new UsageError(`-p "${text}": write [[IP:]HOSTPORT:]PORT[/udp], such as 8080:80`);
    for (let port = first; port <= last; port++) {
      const name = `${port}/${protocol.toLowerCase()}`;
      published.exposed[name] = {};
      // A range for one port means any of them.
      const one = host === "" || first === last ? host : String(hostFirst + port - first);
      (published.bindings[name] ??= []).push({ HostIp: ip.replace(/^\[|\]$/g, ""), HostPort: one });
    }
  }
  return published;
}

function range(text: string): [number, number] {
  const [first = "", last = first] = text.split("-");
  return [Number(first), Number(last)];
}
