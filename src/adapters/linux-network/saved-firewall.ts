import { tool } from "./programs.ts";
import type { Family } from "./firewall-lines.ts";

/** What the kernel's firewall holds now, as far as it matters here. */
export interface SavedFirewall {
  /** `nat PREROUTING -j X`: table and rule of every line. */
  rules: ReadonlySet<string>;
  /** `nat BERTH-PORTS`: table and name of every chain. */
  chains: ReadonlySet<string>;
  /** Of the chain of published ports: container → its rules, without `-A CHAIN`. */
  ports: Map<string, string[]>;
}

export async function savedFirewall(family: Family, portsChain: string): Promise<SavedFirewall> {
  const text = await tool(family === 4 ? "iptables-save" : "ip6tables-save", []);
  const rules = new Set<string>();
  const chains = new Set<string>();
  const ports = new Map<string, string[]>();
  const start = `-A ${portsChain} `;
  let table = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) table = line.slice(1).trim();
    else if (line.startsWith(":")) chains.add(`${table} ${line.slice(1).split(" ", 1)[0]}`);
    else if (line.startsWith("-A ")) {
      rules.add(`${table} ${line.slice(3)}`);
      if (table !== "nat" || !line.startsWith(start)) continue;
      const rule = line.slice(start.length);
      const container = /--comment "?([0-9A-Za-z_.-]+)"?/.exec(rule)?.[1] ?? "";
      ports.set(container, [...(ports.get(container) ?? []), rule]);
    }
  }
  return { rules, chains, ports };
}
