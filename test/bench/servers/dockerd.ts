import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startDockerd } from "../../engine/compare/dockerd.ts";
import { openOwnHost } from "../../engine/harness/own-host.ts";
import { removeContainers } from "../docker-cli.ts";
import { configuration, filesystem } from "./distribution.ts";
import { endHost } from "./end-host.ts";
import { prepareDockerd, shortFolder } from "./engine-folder.ts";
import type { RunningEngine } from "./engine.ts";
import { launchOnHost } from "./launch-on-host.ts";
import type { Server } from "./server.ts";

/** Docker's own engine. @param registry Distribution's program, for what is pushed to beside it. */
export function dockerd(version: string, registry: string | undefined): Server {
  return {
    id: "dockerd",
    label: `dockerd ${version}`,
    kind: "engine",
    start: () => Promise.reject(new Error("dockerd is no registry")),
    startEngine: (folder, signal) => startEngine(registry, folder, signal),
  };
}

async function startEngine(
  registry: string | undefined,
  folder: string,
  signal: AbortSignal,
): Promise<RunningEngine> {
  signal.throwIfAborted();
  await using parts = new AsyncDisposableStack();
  const { path: short } = parts.use(await shortFolder());
  const host = parts.use(await openOwnHost());
  parts.defer(() => endHost(host));
  const own = join(short, "d");
  await prepareDockerd(host, own, join(folder, "dockerd"));
  const { socket } = parts.use(await startDockerd(host, own));
  parts.defer(() => removeContainers(socket));
  const all = parts.move();
  return {
    socket,
    folder: short,
    host,
    async startRegistry() {
      if (registry === undefined) return undefined;
      const config = join(folder, "registry.yml");
      await writeFile(config, [...configuration(5000, await filesystem(folder)), ""].join("\n"));
      const log = join(folder, "registry.log");
      const args = ["serve", config];
      return await launchOnHost(
        host,
        { label: "Distribution", command: registry, args, log, ready: "listening on" },
        signal,
      );
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
