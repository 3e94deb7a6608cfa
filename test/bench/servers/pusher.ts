import { join } from "node:path";
import { startDockerd, type Dockerd } from "../../engine/compare/dockerd.ts";
import { prepareDockerd } from "./engine-folder.ts";
import type { RunningEngine } from "./engine.ts";

/** Of its own: without one dockerd would take docker0 away, which may be the other engine's. */
const bridge = "pusher0";

/** A dockerd on an engine's host that only pushes. @param data folder of its data */
export async function startPusher({ host, folder }: RunningEngine, data: string): Promise<Dockerd> {
  for (const args of [
    ["link", "add", bridge, "type", "bridge"],
    ["address", "add", "192.168.233.1/24", "dev", bridge],
    ["link", "set", bridge, "up"],
  ]) {
    const { code, stderr } = await host.run("ip", args);
    if (code !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr.trim()}`);
  }
  const own = join(folder, "pusher");
  await prepareDockerd(host, own, data);
  return await startDockerd(host, own, [
    ...["--bridge", bridge, "--iptables=false", "--ip-forward=false", "--ip-masq=false"],
  ]);
}
