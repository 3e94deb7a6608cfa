import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openOwnHost } from "../../engine/harness/own-host.ts";
import { removeContainers } from "../docker-cli.ts";
import { endHost } from "./end-host.ts";
import { folderInMemory, shortFolder } from "./engine-folder.ts";
import type { RunningEngine } from "./engine.ts";
import { launchOnHost } from "./launch-on-host.ts";

/** `berth engine` as it is delivered, and `berth serve` beside it on the same data. */
export async function startBerthEngine(
  main: string,
  folder: string,
  signal: AbortSignal,
): Promise<RunningEngine> {
  await using parts = new AsyncDisposableStack();
  const { path: short } = parts.use(await shortFolder());
  const host = parts.use(await openOwnHost());
  parts.defer(() => endHost(host));
  const socket = join(short, "e.sock");
  const data = join(folder, "data");
  await mkdir(data, { recursive: true });
  const config = join(folder, "berth.yaml");
  // YAML reads JSON.
  const configuration = {
    listen: "127.0.0.1:5000",
    data,
    workers: "auto",
    log: { level: "info", access: true },
    engine: {
      listen: `unix://${socket}`,
      data: join(data, "engine"),
      run_folder: await folderInMemory(host, join(short, "run")),
    },
  };
  await writeFile(config, JSON.stringify(configuration));
  const launch = (verb: "engine" | "serve") =>
    launchOnHost(
      host,
      {
        label: `berth ${verb}`,
        command: process.execPath,
        args: [main, verb, "--config", config],
        log: join(folder, `${verb}.log`),
        ready: '"ready"',
      },
      signal,
    );
  parts.use(await launch("engine"));
  parts.defer(() => removeContainers(socket));
  const all = parts.move();
  return {
    socket,
    folder: short,
    host,
    startRegistry: () => launch("serve"),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
