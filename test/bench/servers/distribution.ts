import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { plantInDistribution } from "../garbage/plant-distribution.ts";
import { freePort } from "./free-port.ts";
import { launch } from "./launch.ts";
import { runCollector } from "./run-collector.ts";
import type { RunningServer, S3Place, Server } from "./server.ts";

/** CNCF Distribution, with the cache of its example configuration and its default log level. */
export function distribution(id: string, command: string, version: string): Server {
  async function start(
    folder: string,
    signal: AbortSignal,
    storage: readonly string[],
    more: readonly string[] = [],
  ): Promise<RunningServer> {
    const port = await freePort();
    const config = join(folder, "config.yml");
    await writeFile(config, [...configuration(port, storage), ...more, ""].join("\n"));
    return await launch(
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
  }
  return {
    id,
    label: `Distribution ${version}`,
    kind: "registry",
    async start(folder, signal) {
      const running = await start(folder, signal, await filesystem(folder));
      const repositories = join(folder, "data/docker/registry/v2/repositories");
      return {
        ...running,
        plantTags: (repository, digest, tags) =>
          plantTags(join(repositories, repository), digest, tags, signal),
      };
    },
    async plant(folder, signal, plan) {
      const config = join(folder, "config.yml");
      await writeFile(config, [...configuration(0, await filesystem(folder)), ""].join("\n"));
      await plantInDistribution(join(folder, "data"), plan, signal);
      const blobs = join(folder, "data/docker/registry/v2/blobs/sha256");
      return {
        collect: (ends) => runCollector(command, ["garbage-collect", config], join(folder, "gc.txt"), ends),
        holds: ({ hex }) => existsSync(join(blobs, hex.slice(0, 2), hex, "data")),
      };
    },
    startOnS3: (folder, signal, place) => start(folder, signal, s3Driver(place)),
    async startCache(folder, signal, { host, port }) {
      const proxy = ["proxy:", `  remoteurl: http://${host}:${port}`];
      return { ...(await start(folder, signal, await filesystem(folder), proxy)), prefix: "" };
    },
  };
}

/** A registry's configuration file, line by line. */
export function configuration(port: number, storage: readonly string[]): string[] {
  return [
    "version: 0.1",
    "log:",
    "  accesslog:",
    "    disabled: false",
    "storage:",
    "  cache:",
    "    blobdescriptor: inmemory",
    ...storage,
    "  delete:",
    "    enabled: true",
    "http:",
    `  addr: 127.0.0.1:${port}`,
    "  headers:",
    "    X-Content-Type-Options: [nosniff]",
  ];
}

/** The part of it that keeps blobs in files below `folder`. */
export async function filesystem(folder: string): Promise<string[]> {
  const data = join(folder, "data");
  await mkdir(data, { recursive: true });
  return ["  filesystem:", `    rootdirectory: ${JSON.stringify(data)}`];
}

/** The driver's own part sizes and copy thresholds, as it is delivered. */
function s3Driver(place: S3Place): string[] {
  const s3 = {
    accesskey: place.accessKeyId,
    secretkey: place.secretAccessKey,
    region: "us-east-1",
    regionendpoint: place.endpoint,
    forcepathstyle: true,
    secure: false,
    v4auth: true,
    bucket: place.bucket,
  };
  return [`  s3: ${JSON.stringify(s3)}`, "  redirect:", `    disable: ${!place.redirect}`];
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
