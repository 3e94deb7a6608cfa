import { runProgram } from "#kit/run-program.ts";
import type { Finding } from "../finding.ts";
import { findProgram } from "#kit/find-program.ts";

/** Whether the firewall of containers' networks can work. @param root whether this process is root */
export async function networkFindings(root: boolean): Promise<Finding[]> {
  if (!root || findProgram("iptables") === undefined) return [];
  return [await firewall()];
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
