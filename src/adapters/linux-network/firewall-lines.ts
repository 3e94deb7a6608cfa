/** IP versions, each with a firewall of its own. */
export type Family = 4 | 6;

/** Lines for iptables-restore(8), by table. */
export interface TableLines {
  nat: string[];
  filter: string[];
}

/** Where the kernel's chains lead into ours, as iptables-save(8) prints them. */
export function jumps(family: Family, chain: (name: string) => string): Record<keyof TableLines, Jump[]> {
  const local = "-m addrtype --dst-type LOCAL";
  const loopback = family === 4 ? "127.0.0.0/8" : "::1/128";
  return {
    nat: [
      { put: "-I", rule: `PREROUTING -j ${chain("NAMES")}` },
      // Nothing that comes from outside is for this host's loopback; and of ::1 nothing can be led elsewhere.
      { put: "-A", rule: `PREROUTING ! -d ${loopback} ${local} -j ${chain("PORTS")}` },
      { put: "-A", rule: `OUTPUT ${family === 4 ? "" : `! -d ${loopback} `}${local} -j ${chain("PORTS")}` },
      { put: "-A", rule: `POSTROUTING -j ${chain("SOURCE")}` },
    ],
    filter: [
      { put: "-I", rule: `FORWARD -j ${chain("FORWARD")}` },
      { put: "-I", rule: `INPUT -j ${chain("INPUT")}` },
    ],
  };
}

export interface Jump {
  put: "-A" | "-I";
  rule: string;
}

/** Chains that are written anew with every change of networks. */
export const networkChains = { nat: ["NAMES", "SOURCE"], filter: ["FORWARD", "INPUT"] } as const;

/** The chain of published ports, a line each, marked with the container's id: it outlives this process. */
export const portChain = "PORTS";
