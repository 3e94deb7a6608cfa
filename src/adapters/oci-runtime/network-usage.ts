import { readFile } from "node:fs/promises";
import type { Usage } from "#core/engine/runtime.ts";

/** Counters of the network devices that a process sees, but for loopback. proc_pid_net(5) */
export async function networkUsage(pid: number): Promise<Usage["networks"]> {
  const text = await readFile(`/proc/${pid}/net/dev`, "latin1").catch(() => "");
  const devices: Usage["networks"] = {};
  for (const line of text.split("\n").slice(2)) {
    const [name = "", counters = ""] = line.split(":");
    const device = name.trim();
    if (device === "" || device === "lo") continue;
    const n = counters.trim().split(/\s+/).map(Number);
    const traffic = (at: number) => ({
      bytes: n[at] ?? 0,
      packets: n[at + 1] ?? 0,
      errors: n[at + 2] ?? 0,
      dropped: n[at + 3] ?? 0,
    });
    devices[device] = { received: traffic(0), sent: traffic(8) };
  }
  return devices;
}
