import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { launch } from "./launch.ts";
import type { Server } from "./server.ts";

/** Berth as it is delivered: the compiled `main`, as its own process, access log on. */
export function berth(main: string, version: string): Server {
  return {
    id: "berth",
    label: `Berth ${version}`,
    kind: "registry",
    async start(folder, signal) {
      const port = await freePort();
      const data = join(folder, "data");
      const config = join(folder, "berth.yaml");
      await mkdir(data, { recursive: true });
      await writeFile(
        config,
        [
          `listen: 127.0.0.1:${port}`,
          `data: ${JSON.stringify(data)}`,
          "workers: auto",
          "log:",
          "  level: info",
          "  access: true",
          "",
        ].join("\n"),
      );
      return await launch(
        {
          label: "Berth",
          command: process.execPath,
          args: [main, "serve", "--config", config],
          folder,
          log: join(folder, "log.txt"),
          port,
        },
        signal,
      );
    },
  };
}
