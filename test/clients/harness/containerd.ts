import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startDaemon } from "./daemon.ts";
import type { Workplace } from "./workplace.ts";

export interface Containerd extends AsyncDisposable {
  socket: string;
  ctr(...args: string[]): Promise<string>;
  /** Where its content store keeps `blobs/ALGORITHM/HEX`. */
  content: string;
}

/** A containerd of the test's own; nothing of the system's is touched. */
export async function startContainerd(work: Workplace): Promise<Containerd> {
  const folder = work.folder("containerd");
  const socket = join(folder, "containerd.sock");
  const config = join(folder, "config.toml");
  // The disabled plugins want kernel modules, networks or block devices that a test has no business with.
  writeFileSync(
    config,
    `version = 2
root = "${folder}/root"
state = "${folder}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp"]
[grpc]
  address = "${socket}"
[ttrpc]
  address = "${socket}.ttrpc"
`,
  );
  const ctr = (...args: string[]) => work.run("ctr", ["--address", socket, ...args]);
  const daemon = await startDaemon(work, "containerd", ["--config", config], () => ctr("version"));
  const content = join(folder, "root", "io.containerd.content.v1.content");
  return { socket, ctr, content, [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose]() };
}
