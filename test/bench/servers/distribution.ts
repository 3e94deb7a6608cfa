import { mkdirSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { launch } from "./launch.ts";
import type { Server } from "./server.ts";

/** CNCF Distribution, with the cache of its example configuration and its default log level. */
export function distribution(id: string, command: string, version: string): Server {
  return {
    id,
    label: `Distribution ${version}`,
    kind: "registry",
    async start(folder, signal) {
      const port = await freePort();
      const data = join(folder, "data");
      const config = join(folder, "config.yml");
      await mkdir(data, { recursive: true });
      await writeFile(config, configuration(data, port));
      const running = await launch(
        {
          label: `Distribution ${version}`,
          command,
          args: ["serve", config],
          folder,
          log: join(folder, "log.txt"),
          port,
          // Version 3 would look for a trace collector on this machine otherwise.
          env: { OTEL_TRACES_EXPORTER: "none" },
        },
        signal,
      );
      return {
        ...running,
        plantTags: (repository, digest, tags) =>
          plantTags(join(data, "docker/registry/v2/repositories", repository), digest, tags, signal),
      };
    },
  };
}

function configuration(data: string, port: number): string {
  return [
    "version: 0.1",
    "log:",
    "  accesslog:",
    "    disabled: false",
    "storage:",
    "  cache:",
    "    blobdescriptor: inmemory",
    "  filesystem:",
    `    rootdirectory: ${JSON.stringify(data)}`,
    "  delete:",
    "    enabled: true",
    "http:",
    `  addr: 127.0.0.1:${port}`,
    "  headers:",
    "    X-Content-Type-Options: [nosniff]",
    "",
  ].join("\n");
}

async function plantTags(
  repository: string,
  digest: string,
  tags: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const [i, tag] of tags.entries()) {
    const folder = join(repository, "_manifests/tags", tag, "current");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "link"), digest);
    if (i % 500 === 0) {
      await nextTurn();
      signal.throwIfAborted();
    }
  }
}
