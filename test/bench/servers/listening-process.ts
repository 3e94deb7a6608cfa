import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { processNumbers, processTree } from "../process-tree.ts";

/** The process that listens on a TCP port of this machine: the topmost where a family shares the socket. */
export function listeningProcess(port: number): number | undefined {
  const sockets = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listeningSockets(table, port)),
  );
  if (sockets.size === 0) return undefined;
  const holders = processNumbers().filter((pid) => openSockets(pid).some((socket) => sockets.has(socket)));
  return holders.find((pid) => {
    const tree = new Set(processTree(pid).map((mark) => mark.pid));
    return holders.every((other) => tree.has(other));
  });
}

function listeningSockets(table: string, port: number): string[] {
  const found: string[] = [];
  try {
    for (const line of readFileSync(table, "latin1").split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      const local = Number.parseInt(fields[1]?.split(":").at(-1) ?? "", 16);
      // 0A is LISTEN.
      if (fields[3] === "0A" && local === port) found.push(`socket:[${fields[9]}]`);
    }
  } catch {
    // No IPv6, or no /proc.
  }
  return found;
}

function openSockets(pid: number): string[] {
  const found: string[] = [];
  try {
    for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
      const target = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
      if (target.startsWith("socket:")) found.push(target);
    }
  } catch {
    // Somebody else's process, or it ended just now.
  }
  return found;
}
