import { readFile } from "node:fs/promises";
import { runProgram } from "#kit/run-program.ts";
import type { Finding } from "../finding.ts";
import { findProgram } from "../find-program.ts";

/** Whether firewall and name servers of containers' networks can work. @param root whether this process is root */
export async function networkFindings(root: boolean): Promise<Finding[]> {
  const found = [await nameServers()];
  if (root && (await findProgram("iptables")) !== undefined) found.push(await firewall());
  return found;
}

async function firewall(): Promise<Finding> {
  const name = "firewall";
  const { code, stderr } = await runProgram("iptables", ["--wait", "5", "--table", "nat", "--list-rules"], {
    timeout: 10_000,
  });
  if (code === 0) return { name, state: "fine", message: "iptables answers" };
  return {
    name,
    state: "missing",
    message: `iptables can't read the table nat: ${stderr.trim().split("\n")[0] ?? ""}`,
    cure: "modprobe nf_tables nft_chain_nat || modprobe iptable_nat",
  };
}

/** Port 53 in /proc/net/udp, on every address: nobody else can then answer on one of them. */
const everywhere = /^\s*\d+: 0{8}(0{24})?:0035 /m;

async function nameServers(): Promise<Finding> {
  const name = "port 53";
  const tables = await Promise.all(
    ["/proc/net/udp", "/proc/net/udp6"].map((path) => readFile(path, "utf8").catch(() => "")),
  );
  if (!tables.some((table) => everywhere.test(table)))
    return { name, state: "fine", message: "is free for the names of containers on networks of their own" };
  return {
    name,
    state: "poor",
    message: "a name server has it on every address, so containers don't find each other by name",
    cure: "let it listen on addresses of its own (dnsmasq: bind-dynamic, and except-interface for the bridges)",
  };
}
